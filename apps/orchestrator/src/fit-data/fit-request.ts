import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createModel, flattenGroups, parseFamily, totalAtoms } from "@moe-rates/mixture";
import type { Families, FamilySpec, MixtureModel, NamedAtom } from "@moe-rates/mixture";
import type { FitDataRequest } from "@moe-rates/study";
import { parse } from "yaml";
import type { ParsedArguments } from "../command-line/options.ts";
import { InputError, messageOf } from "../input-error.ts";

/** The model of a `fit` command line. */
export interface FitModel {
  readonly gating: FamilySpec;
  readonly expert: FamilySpec;
  /** Of the command line: with two levels in each group. */
  readonly atoms: number;
  readonly model: MixtureModel;
  /** Atoms to start from, of `--start`. */
  readonly start: NonNullable<FitDataRequest["start"]> | null;
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
    createModel({ gating, expert, inputDim, atoms: totalAtoms(gating, atoms, families), families }),
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

function readStart(path: string, shown: string, model: MixtureModel): NonNullable<FitDataRequest["start"]> {
  return inputError(`--start ${shown}`, () => {
    const listed: unknown = JSON.parse(readFileSync(path, "utf8"));
    const what = model.gating.groups ? "groups" : "atoms";
    if (
      !Array.isArray(listed) ||
      !listed.every((item) => typeof item === "object" && item !== null && !Array.isArray(item))
    ) {
      throw new Error(`must hold a JSON array of ${what}, like those that fit --json prints`);
    }
    const start = model.gating.groups ? flattenGroups(listed) : { atoms: listed as NamedAtom[], shared: {} };
    model.pack(start.atoms, start.shared);
    return start;
  });
}

function inputError<Value>(place: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new InputError(`${place}: ${messageOf(error)}`);
  }
}
