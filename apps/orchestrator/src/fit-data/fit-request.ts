import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createModel, parseFamily } from "@moe-rates/mixture";
import type { Families, FamilySpec, MixtureModel, NamedAtom } from "@moe-rates/mixture";
import { parse } from "yaml";
import type { ParsedArguments } from "../command-line/options.ts";
import { InputError, messageOf } from "../input-error.ts";

/** The model of a `fit` command line. */
export interface FitModel {
  readonly gating: FamilySpec;
  readonly expert: FamilySpec;
  readonly atoms: number;
  readonly model: MixtureModel;
  /** Atoms to start from, of `--start`. */
  readonly start: readonly NamedAtom[] | null;
}

/** Reads `--gating`, `--expert`, `--atoms` and `--start` for inputs of dimension `inputDim`. Throws InputError. */
export function readFitModel(
  given: ParsedArguments,
  inputDim: number,
  families: Families,
  cwd: string,
): FitModel {
  const gating = familyOption(given.text("gating") ?? "softmax", "gating", families);
  const expert = familyOption(given.text("expert") ?? "", "expert", families);
  const atoms = given.number("atoms") ?? 0;
  const model = inputError("--gating, --expert", () =>
    createModel({ gating, expert, inputDim, atoms, families }),
  );
  const file = given.text("start");
  return {
    gating,
    expert,
    atoms,
    model,
    start: file === undefined ? null : readStart(resolve(cwd, file), file, model),
  };
}

/** A family by name with options (`ffn:tanh,no-bias`), or as a YAML flow mapping. */
function familyOption(text: string, kind: "gating" | "expert", families: Families): FamilySpec {
  return inputError(`--${kind}`, () =>
    text.trimStart().startsWith("{") ? flowMapping(text) : parseFamily(text, kind, families),
  );
}

function flowMapping(text: string): FamilySpec {
  const spec: unknown = parse(text);
  if (typeof spec !== "object" || spec === null || !("family" in spec) || typeof spec.family !== "string") {
    throw new Error(`${text} names no family; write {family: NAME, option: value}`);
  }
  return spec as FamilySpec;
}

function readStart(path: string, shown: string, model: MixtureModel): NamedAtom[] {
  return inputError(`--start ${shown}`, () => {
    const atoms: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (
      !Array.isArray(atoms) ||
      !atoms.every((atom) => typeof atom === "object" && atom !== null && !Array.isArray(atom))
    ) {
      throw new Error("must hold a JSON array of atoms, like those that fit --json prints");
    }
    model.pack(atoms as NamedAtom[]);
    return atoms as NamedAtom[];
  });
}

function inputError<Value>(place: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new InputError(`${place}: ${messageOf(error)}`);
  }
}
