import { exampleWitnesses, witnesses, type Witness } from "@moe-rates/theory";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { exitCodes } from "../input-error.ts";
import { studyTruth } from "../study-truth.ts";
import { writeLine } from "../terminal.ts";
import { studyOptions, studyRequest } from "./study-options.ts";

/** `moe-rates witness [STUDY]`. */
export const witness: Verb = {
  name: "witness",
  summary: "exact counter-examples: other atoms with the truth's regression function",
  details:
    "For every rule of docs/audit.md that applies to the study's truth: atoms whose regression function equals the truth's to rounding while\n" +
    "their loss is positive. Without a study, every rule at an example of its own.",
  positionals: [{ name: "STUDY", optional: true, description: "study file (YAML or JSON)" }],
  options: [
    ...studyOptions,
    {
      flag: "points",
      value: "N",
      kind: "integer",
      min: 100,
      max: 1_000_000,
      description: "points of x (default 10000)",
    },
    jsonOption,
  ],
  examples: [
    {
      command: "moe-rates witness study.yaml",
      does: "the counter-examples to identifiability of this truth, if any",
    },
    { command: "moe-rates witness", does: "all of N1 to N9" },
  ],
  async run(terminal, given) {
    let found: readonly Witness[];
    if (given.positionals.length === 0) found = exampleWitnesses();
    else {
      const truth = await studyTruth(studyRequest(terminal, given));
      found = witnesses(
        truth.model,
        truth.theta,
        truth.inputPoints(given.number("points") ?? 10_000),
        truth.plugins.families,
      );
    }
    const rows = found.map(({ id, statement, k, residual, loss, distance, atoms, shared }) => ({
      id,
      statement,
      k,
      residual,
      loss,
      distance,
      atoms,
      shared,
    }));
    const none = "no rule applies to this truth: none of the known counter-examples is one here";
    const text = given.has("json")
      ? JSON.stringify(rows, null, 2)
      : found.length === 0
        ? none
        : found.map(shown).join("\n\n");
    await writeLine(terminal.stdout, text);
    return exitCodes.ok;
  },
};

function shown({ id, statement, k, residual, loss, distance, atoms, shared }: Witness): string {
  return [
    `${id}: ${statement}`,
    `  k = ${k}, largest difference of regression functions ${residual.toExponential(1)} (relative), ${loss} = ${distance.toPrecision(3)}`,
    ...atoms.map((atom) => `  ${JSON.stringify(atom, rounded)}`),
    ...(Object.keys(shared).length === 0 ? [] : [`  ${JSON.stringify(shared, rounded)}`]),
  ].join("\n");
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(6)) : value;
}
