import { trueAtoms } from "@moe-rates/study";
import { testPoints } from "@moe-rates/losses";
import { createModel, parseFamily, type FamilySpec } from "@moe-rates/mixture";
import {
  expertClassNames,
  gateClassNames,
  predictionsFor,
  registry,
  sequenceTable,
  sequenceTheorems,
  type ExpertClass,
  type PredictedLaw,
  type Prediction,
  type SequenceTheorem,
  type Statement,
} from "@moe-rates/theory";
import { jsonOption, type ParsedArguments } from "../command-line/options.ts";
import { alignedTable } from "../command-line/print-result.ts";
import type { Verb } from "../command-line/verb.ts";
import { hasTrueFamilies } from "../inference/stored-designs.ts";
import { InputError, exitCodes, messageOf } from "../input-error.ts";
import { loadPlugins } from "../load-plugins.ts";
import { loadStudy } from "../load-study.ts";
import { writeLine, type Terminal } from "../terminal.ts";
import { studyOptions, studyRequest } from "./study-options.ts";

/** `moe-rates theory [STUDY]`. */
export const theory: Verb = {
  name: "theory",
  summary: "predicted rates with their sources, published and audited",
  details:
    "With a study, one row per fit, loss and component. With --expert, the same for a gating and an expert. Without either, the whole table.\n" +
    "Published: what a paper states. Audited: what holds at a fixed truth, with docs/audit.md where the two differ. A slope measured at one truth\n" +
    "refutes no minimax statement.",
  positionals: [{ name: "STUDY", optional: true, description: "study file (YAML or JSON)" }],
  options: [
    ...studyOptions,
    { flag: "gating", value: "GATING", description: "gating family (default softmax)" },
    { flag: "expert", value: "EXPERT", description: "expert family: predictions without a study" },
    {
      flag: "true-atoms",
      value: "K",
      kind: "integer",
      min: 1,
      max: 1000,
      description: "true atoms k* (default 2)",
    },
    {
      flag: "atoms",
      value: "K",
      kind: "integer",
      min: 1,
      max: 1000,
      description: "fitted atoms k (default k* + 1)",
    },
    {
      flag: "loss",
      value: "LOSS",
      repeat: true,
      description: "loss as studies name it (default: the paper's, and regression-l2)",
    },
    {
      flag: "sequences",
      description: "the degenerate sequences of the lower bounds: losses, and distances over losses",
    },
    jsonOption,
  ],
  examples: [
    { command: "moe-rates theory study.yaml", does: "what is predicted for every loss the study measures" },
    {
      command: "moe-rates theory --expert ffn:tanh --true-atoms 2 --atoms 3",
      does: "softmax gates, tanh experts, over-specified",
    },
    { command: "moe-rates theory --json", does: "the whole table" },
  ],
  async run(terminal, given) {
    if (given.has("sequences")) {
      const table = sequenceTable(testPoints({ law: "uniform", low: -1, high: 1, dim: 2 }, 20_000));
      const rows = table.map(({ theorem, r, n, loss, ratio }) => ({ theorem, r, n, loss, ratio }));
      await writeLine(
        terminal.stdout,
        given.has("json") ? JSON.stringify(rows, null, 2) : sequenceText(rows),
      );
      return exitCodes.ok;
    }
    const asked = await predictionsAsked(terminal, given);
    if (asked === null) {
      const text = given.has("json") ? JSON.stringify(registry, null, 2) : registryText();
      await writeLine(terminal.stdout, text);
      return exitCodes.ok;
    }
    if (given.has("json")) {
      await writeLine(
        terminal.stdout,
        JSON.stringify(
          asked.flatMap(({ fit, rows }) => rows.map((row) => ({ fit, ...row }))),
          null,
          2,
        ),
      );
      return exitCodes.ok;
    }
    for (const { fit, rows } of asked) await writeLine(terminal.stdout, `${fit}\n${predictionText(rows)}\n`);
    return exitCodes.ok;
  },
};

interface Asked {
  readonly fit: string;
  readonly rows: readonly Prediction[];
}

async function predictionsAsked(terminal: Terminal, given: ParsedArguments): Promise<Asked[] | null> {
  const losses = given.list("loss");
  if (given.positionals.length > 0) {
    const { study } = await loadStudy(studyRequest(terminal, given));
    const { gating, expert, atoms } = study.truth;
    return study.fits.map((fit) => ({
      fit: `${fit.name}, k* = ${trueAtoms(study)}, k = ${fit.atoms}`,
      rows: !hasTrueFamilies({ fit, truth: study.truth })
        ? []
        : predictionsFor({
            gating,
            expert,
            inputDim: 1,
            trueAtoms: trueAtoms(study),
            fittedAtoms: fit.atoms,
            atoms,
            losses: losses.length > 0 ? losses : study.losses,
          }),
    }));
  }
  const word = given.text("expert");
  if (word === undefined) {
    if (given.has("gating") || losses.length > 0 || given.has("atoms") || given.has("true-atoms"))
      throw new InputError("theory: name a study or --expert; see moe-rates theory --help");
    return null;
  }
  const { families } = await loadPlugins(given.list("plugin"), terminal.cwd);
  const family = (kind: "gating" | "expert", text: string): FamilySpec => {
    try {
      const spec = parseFamily(text, kind, families);
      createModel({ gating: "softmax", expert: "linear", [kind]: spec, inputDim: 1, atoms: 1, families });
      return spec;
    } catch (error) {
      throw new InputError(`--${kind}: ${messageOf(error)}`);
    }
  };
  const gating = family("gating", given.text("gating") ?? "softmax");
  const expert = family("expert", word);
  const kTrue = given.number("true-atoms") ?? 2;
  const fittedAtoms = given.number("atoms") ?? kTrue + 1;
  const request = { gating, expert, inputDim: 1, trueAtoms: kTrue, fittedAtoms };
  const rows = predictionsFor(losses.length > 0 ? { ...request, losses } : request);
  return [{ fit: `k* = ${kTrue}, k = ${fittedAtoms}`, rows }];
}

function predictionText(rows: readonly Prediction[]): string {
  if (rows.length === 0) return "no prediction: other families than the truth, or fewer atoms";
  const table = alignedTable(
    ["loss", "component", "published", "audited"],
    rows.map((row) => [row.loss, row.component, law(row.published), law(row.audited)]),
  );
  const notes = [...new Set(rows.map((row) => row.reason))].map((reason) => `- ${reason}`);
  const sources = [
    ...new Set(rows.flatMap((row) => [row.published?.source, row.audited?.source]).filter(Boolean)),
  ];
  return [table, "", ...notes, `Sources: ${sources.join("; ")}`].join("\n");
}

function sequenceText(
  rows: readonly { theorem: SequenceTheorem; r: number; n: number; loss: number; ratio: number }[],
): string {
  return [
    alignedTable(
      ["sequence", "r", "n", "loss D_r", "|f_Gn - f_G*| / D_r"],
      rows.map(({ theorem, r, n, loss, ratio }) => [
        theorem,
        r,
        n,
        loss.toExponential(1),
        ratio.toExponential(1),
      ]),
    ),
    "",
    ...Object.entries(sequenceTheorems).map(([theorem, what]) => `${theorem}: ${what}`),
  ].join("\n");
}

function registryText(): string {
  const cell = ({ published, audited }: Statement): string => `${law(published)} | ${law(audited)}`;
  return [
    alignedTable(
      [
        "gate",
        "expert",
        "exact cells: published | audited",
        "over-specified cells, experts: published | audited",
      ],
      registry
        .filter((entry) => entry.id !== "uncovered")
        .map((entry) => [
          entry.gates.map((gate) => gateClassNames[gate]).join(", "),
          entry.experts.length === (Object.keys(expertClassNames) as ExpertClass[]).length
            ? "any"
            : entry.experts.map((expert) => expertClassNames[expert]).join(", "),
          cell(entry.exact.exactExpert),
          cell(entry.over.overExpert),
        ]),
    ),
    "",
    "Scopes, reasons and sources: moe-rates theory --json. Where published and audited differ: docs/audit.md.",
  ].join("\n");
}

function law(one: PredictedLaw | null): string {
  if (one === null) return "-";
  if (one.kind === "not-identified") return "not identified";
  return one.scope === "minimax" ? `${one.statement} (minimax)` : one.statement;
}
