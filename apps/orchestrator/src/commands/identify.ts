import {
  definition2,
  expertFunction,
  identify as identifyTruth,
  specOf,
  witnesses,
  type Direction,
  type Identification,
  type Identified,
} from "@moe-rates/theory";
import { parseFamily, type ExpertSpec } from "@moe-rates/mixture";
import { jsonOption } from "../command-line/options.ts";
import { alignedTable } from "../command-line/print-result.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError, exitCodes, messageOf } from "../input-error.ts";
import { studyTruth, type StudyTruth } from "../study-truth.ts";
import { writeLine } from "../terminal.ts";
import { studyOptions, studyRequest } from "./study-options.ts";

/** `moe-rates identify STUDY`. */
export const identify: Verb = {
  name: "identify",
  summary: "is the truth of a study identifiable, exactly specified and with a spare atom?",
  details:
    "exact: the Jacobian of the regression function at the truth, modulo gauge. over: what happens to second order when true atoms split in two,\n" +
    "after first-order terms have done their best; k* + 1 atoms unless --extra says more. Both are local and at this truth; moe-rates witness\n" +
    "constructs exact equalities that are not. The papers' definitions are tested as well, at random parameters.",
  positionals: [{ name: "STUDY", description: "study file (YAML or JSON)" }],
  options: [
    ...studyOptions,
    {
      flag: "extra",
      value: "M",
      kind: "integer",
      min: 1,
      max: 4,
      description: "spare atoms, with groups per group (default 1)",
    },
    {
      flag: "router",
      value: "EXPERT",
      description:
        "test Definition 2 with this expert family (no-bias for a plain one) read as a router, a plugin's as well",
    },
    {
      flag: "points",
      value: "N",
      kind: "integer",
      min: 100,
      max: 1_000_000,
      description: "points of x (default 20000)",
    },
    jsonOption,
  ],
  examples: [
    { command: "moe-rates identify study.yaml", does: "verdicts, smallest values and weakest directions" },
    {
      command: "moe-rates identify study.yaml --plugin my-expert.mjs --json",
      does: "{exact: {verdict, smallest, ...}, over: {verdict, smallest, direction, ...}, definitions: [...]}",
    },
  ],
  async run(terminal, given) {
    const truth = await studyTruth(studyRequest(terminal, given));
    const extra = given.number("extra") ?? 1;
    let found: Identification;
    try {
      found = identifyTruth(truth.model, truth.theta, truth.inputPoints(given.number("points") ?? 20_000), {
        extra,
        families: truth.plugins.families,
      });
      found = {
        ...found,
        definitions: [...found.definitions, ...routerDefinitions(given.text("router"), truth)],
      };
    } catch (error) {
      if (error instanceof RangeError) throw new InputError(`identify: ${error.message}`);
      throw error;
    }
    const far = witnesses(truth.model, truth.theta, truth.inputPoints(2000), truth.plugins.families).map(
      ({ id, statement, k }) => ({ id, statement, k }),
    );
    const shown = given.has("json")
      ? JSON.stringify({ ...found, witnesses: far }, null, 2)
      : [text(found, extra), ...far.map((one) => `witness ${one.id}, k = ${one.k}: ${one.statement}`)].join(
          "\n",
        );
    await writeLine(terminal.stdout, shown);
    return exitCodes.ok;
  },
};

function routerDefinitions(
  word: string | undefined,
  { model, plugins }: StudyTruth,
): Identification["definitions"] {
  if (word === undefined) return [];
  const { families } = plugins;
  let router: ExpertSpec;
  try {
    router = parseFamily(word, "expert", families);
    expertFunction(router, model.inputDim, families);
  } catch (error) {
    throw new InputError(`--router: ${messageOf(error)}`);
  }
  return [1, 2].map((atoms) => {
    const found = definition2({
      router,
      expert: specOf(model).expert,
      inputDim: model.inputDim,
      atoms,
      families,
    });
    const { independent, smallest, distinct, rank, zero, dependency } = found;
    const definition = `Definition 2 with the router ${word} (2503.03213)`;
    return { definition, atoms, holds: independent, smallest, distinct, rank, zero, dependency };
  });
}

function text({ exact, over, definitions, interactions }: Identification, extra: number): string {
  return [
    line("exactly specified", exact),
    line(`${extra} spare atom${extra === 1 ? "" : "s"}`, over),
    "",
    alignedTable(
      ["definition (at random parameters)", "atoms", "holds", "rank", "functions", "smallest"],
      definitions.map((one) => [
        one.definition,
        one.atoms,
        one.holds ? "yes" : "no",
        one.rank,
        one.distinct + one.zero.length,
        one.smallest.toExponential(1),
      ]),
    ),
    ...interactions.map(
      ({ id, equation, holds, residual }) =>
        `interaction ${id}, ${equation}: ${holds ? "holds" : "does not hold"} (residual ${residual.toExponential(1)})`,
    ),
  ].join("\n");
}

function line(what: string, { verdict, smallest, direction, reason }: Identified): string {
  const head = `${what}: ${verdict}, smallest value ${smallest.toExponential(1)}\n  ${reason}`;
  if (direction === null) return head;
  const lead = verdict === "identified" ? "weakest direction" : "direction";
  if (!Array.isArray(direction)) return `${head}\n  ${lead}: ${shown(direction as Direction)}`;
  const splits = (direction as Extract<Identified["direction"], readonly unknown[]>).map(
    (split) => `atom[${split.atom}] +- ${split.directions.map(shown).join(" and +- ")}`,
  );
  return `${head}\n  ${lead}: ${splits.join("; ")}`;
}

function shown(direction: Direction): string {
  const parts = Object.entries(direction)
    .filter(([, value]) => Math.abs(value) > 1e-6)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`);
  return `{${parts.join(", ")}}`;
}
