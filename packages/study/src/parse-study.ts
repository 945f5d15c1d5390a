import { applyOverride } from "./apply-override.ts";
import type { Families } from "./families.ts";
import { completeModel, parameterCount } from "./model-family.ts";
import { Findings } from "./problem.ts";
import { checkTarget, readDesign } from "./read-design.ts";
import { type FitDraft, readFits } from "./read-fits.ts";
import { checkLossNames, readLosses } from "./read-losses.ts";
import { readSource } from "./read-source.ts";
import { readTruth } from "./read-truth.ts";
import { childOf, plainValue, type SourceNode } from "./source-node.ts";
import { studySchema } from "./study-schema.ts";
import type { ParsedStudy } from "./types.ts";
import { validateSource } from "./validate-source.ts";

/** What `parseStudy` needs besides the text. */
export interface ParseOptions {
  /** Name shown in problems. */
  readonly fileName: string;
  /** Families a study may name, shipped and plugged in. */
  readonly families: Families;
  /** `key=value` as on the command line after `--set`, applied in order before anything is checked. */
  readonly overrides?: readonly string[];
}

/**
 * Reads a study file (YAML 1.2 or JSON) into a study with every default filled in, or lists all that is wrong with it at once. Never throws: whatever the
 * text, the answer is a study or problems with line and key. Runs no code of the file and reads no other file.
 */
export function parseStudy(text: string, options: ParseOptions): ParsedStudy {
  const { fileName, families, overrides = [] } = options;
  const findings = new Findings(fileName);
  let root = readSource(text, findings);
  if (root !== null) for (const assignment of overrides) root = applyOverride(root, assignment, findings);
  if (root === null) return { ok: false, problems: findings.sorted() };
  checkLossNames(childOf(root, "losses"), findings);
  validateSource(studySchema(families), root, "", findings);
  const truth = readTruth(childOf(root, "truth"), families, findings);
  const fits = readFits(childOf(root, "fit"), truth, families, findings);
  const design = readDesign(childOf(root, "design"), findings);
  const trueModel = completeModel(truth.model);
  const losses = trueModel === null ? [] : readLosses(childOf(root, "losses"), trueModel, fits, findings);
  checkTarget(childOf(root, "design"), design?.target?.loss, losses, findings);
  if (findings.problems.length > 0 || design === null || trueModel === null) {
    return { ok: false, problems: findings.sorted() };
  }
  warnSmallSamples(
    fits,
    truth.inputDim!,
    design.sampleSizes,
    childOf(childOf(root, "design"), "sampleSizes")!,
    findings,
  );
  const { target, ...sizes } = design;
  const study = {
    name: plainValue(childOf(root, "name")!) as string,
    seed: plainValue(childOf(root, "seed")!) as number,
    truth: {
      gating: { ...trueModel.gating.spec },
      expert: { ...trueModel.expert.spec },
      input: truth.input!,
      noise: truth.noise!,
      atoms: truth.atoms!,
      ...(truth.groups === null ? {} : { groups: truth.groups }),
    },
    fits: fits.map((fit) => fit.spec),
    ...sizes,
    losses,
    ...(target === undefined ? {} : { target: { ...target, loss: target.loss ?? losses[0] } }),
  };
  return { ok: true, study, warnings: findings.sortedWarnings() };
}

function warnSmallSamples(
  fits: readonly FitDraft[],
  inputDim: number,
  sizes: readonly number[],
  node: SourceNode,
  findings: Findings,
): void {
  for (const { spec, model } of fits) {
    const parameters = parameterCount(model, spec.atoms, inputDim);
    const small = sizes.filter((n) => n < parameters);
    if (small.length === 0) continue;
    const which = small.length === 1 ? `n = ${small[0]} is` : `n = ${small.join(", ")} are`;
    findings.warn(
      node.place,
      "design.sampleSizes",
      `${which} below the ${parameters} parameters of ${spec.atoms} fitted atoms (${spec.name})`,
    );
  }
}
