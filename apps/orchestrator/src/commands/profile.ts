import { profile as profileOf, type Profile, type ProfileRequest } from "@moe-rates/theory";
import { jsonOption } from "../command-line/options.ts";
import { alignedTable } from "../command-line/print-result.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError, exitCodes } from "../input-error.ts";
import { studyTruth } from "../study-truth.ts";
import { writeLine } from "../terminal.ts";
import { studyOptions, studyRequest } from "./study-options.ts";

/** `moe-rates profile STUDY`. */
export const profile: Verb = {
  name: "profile",
  summary: "noise-free exponents: how far parameters can be when regression functions are close",
  details:
    "D_max(epsilon): the largest loss among measures whose regression function is within epsilon (root mean square) of the truth's. Where it falls\n" +
    "like epsilon^s the loss of a least-squares fit falls like n^(-s/2); a plateau does not converge. The search follows paths from the truth and\n" +
    "adds exact counter-examples; what it finds is a lower bound. Default: k = k* and k = k* + 1.",
  positionals: [{ name: "STUDY", description: "study file (YAML or JSON)" }],
  options: [
    ...studyOptions,
    {
      flag: "extra",
      value: "M",
      kind: "integer",
      min: 0,
      max: 4,
      description: "spare atoms, with groups per group (default 0 and 1)",
    },
    {
      flag: "points",
      value: "N",
      kind: "integer",
      min: 100,
      max: 100_000,
      description: "points of x (default 1024)",
    },
    {
      flag: "from",
      value: "EPSILON",
      kind: "number",
      min: 1e-12,
      max: 10,
      description: "largest epsilon (default 1e-3)",
    },
    {
      flag: "to",
      value: "EPSILON",
      kind: "number",
      min: 1e-13,
      max: 1,
      description: "smallest epsilon (default 1e-11)",
    },
    jsonOption,
  ],
  examples: [
    {
      command: "moe-rates profile study.yaml",
      does: "exponent or plateau of every loss and error, exactly specified and with a spare atom",
    },
    {
      command: "moe-rates profile study.yaml --extra 1 --json",
      does: "[{atoms, epsilons, quantities: [{quantity, values, local, verdict, exponent}]}]",
    },
  ],
  async run(terminal, given) {
    const truth = await studyTruth(studyRequest(terminal, given));
    const epsilons = grid(given.number("from") ?? 1e-3, given.number("to") ?? 1e-11);
    const asked = given.number("extra");
    const found = (asked === undefined ? [0, 1] : [asked]).map((extra) =>
      profiled({
        model: truth.model,
        theta: truth.theta,
        points: truth.inputPoints(given.number("points") ?? 1024),
        extra,
        epsilons,
        box: Math.max(...truth.study.fits.map((fit) => fit.box)),
        seed: truth.study.seed,
        families: truth.plugins.families,
      }),
    );
    const text = given.has("json") ? JSON.stringify(found, null, 2) : found.map(table).join("\n\n");
    await writeLine(terminal.stdout, text);
    return exitCodes.ok;
  },
};

function profiled(request: ProfileRequest): Profile {
  try {
    return profileOf(request);
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(`profile: ${error.message}`);
    throw error;
  }
}

/** Two epsilons a decade, at least a decade and a half for the exponent. */
function grid(from: number, to: number): number[] {
  if (!(from >= 30 * to))
    throw new InputError(`profile: --to must be at most a thirtieth of --from, got ${from} to ${to}`);
  const steps = Math.round(2 * Math.log10(from / to));
  return Array.from({ length: steps + 1 }, (_, i) => from * 10 ** (-i / 2));
}

function table({ atoms, epsilons, quantities }: Profile): string {
  if (quantities.length === 0)
    return `k = ${atoms}: no true atom can be split under this gate, and no other measure of k atoms near the truth is known`;
  const shown = epsilons.map((_, i) => i).filter((i) => i % 4 === 0 || i === epsilons.length - 1);
  return [
    `k = ${atoms}: D_max(epsilon)`,
    alignedTable(
      ["quantity", "exponent", ...shown.map((i) => epsilons[i].toExponential(0))],
      quantities.map(({ quantity, verdict, exponent, values }) => [
        quantity,
        verdict === "power" ? (exponent ?? 0).toFixed(2) : verdict,
        ...shown.map((i) => values[i].toExponential(1)),
      ]),
    ),
  ].join("\n");
}
