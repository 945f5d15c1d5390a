import { gaugeOf } from "@moe-rates/mixture";
import { lossFamilies, type MeasureKind, ownLoss, readLoss } from "@moe-rates/losses";
import { type ComparedModel, incomparable } from "./comparable-atoms.ts";
import type { ModelFamilies, ModelFamily } from "./model-family.ts";
import { childKey, type Findings } from "./problem.ts";
import type { FitDraft } from "./read-fits.ts";
import { quoted, type SourceNode } from "./source-node.ts";

/** Reports every name in `losses` that is none. */
export function checkLossNames(node: SourceNode | undefined, findings: Findings): void {
  if (node?.kind !== "list") return;
  node.items.forEach((item, i) => {
    if (item.kind !== "scalar" || typeof item.value !== "string") return;
    const loss = readLoss(item.value);
    if ("problem" in loss) findings.report(item.place, childKey("losses", i), loss.problem);
  });
}

/** The losses of a study: those it names, checked against the models, or the usual ones of the truth. */
export function readLosses(
  node: SourceNode | undefined,
  truth: ModelFamilies,
  fits: readonly FitDraft[],
  findings: Findings,
): string[] {
  if (node?.kind !== "list") return usualLosses(truth);
  const kind = kindOf(truth.gating);
  return node.items.flatMap((item, i) => {
    if (item.kind !== "scalar" || typeof item.value !== "string") return [];
    const loss = readLoss(item.value);
    if ("problem" in loss) return [];
    const { name, kinds } = lossFamilies[loss.family];
    const key = childKey("losses", i);
    if (
      towardsTargets.has(name)
        ? !fits.some(({ model }) => kinds.includes(kindOf(model.gating)))
        : !kinds.includes(kind)
    ) {
      const whose = towardsTargets.has(name)
        ? "no fit has them"
        : `those of the truth are ${kind}; use ${ownLoss(kind)}`;
      findings.report(
        item.place,
        key,
        `${quoted(item.value)} is for ${kinds.join(", ")} gates, and ${whose}`,
      );
    } else if (!functionLosses.has(name)) {
      const left = towardsTargets.has(name) ? () => null : incomparable;
      for (const [fit, why] of leftOut(truth, fits, kinds, left))
        findings.warn(
          item.place,
          key,
          `${item.value} leaves out fit ${quoted(fit)}: ${why}; regression-l2 and expert-l2 compare functions`,
        );
    }
    return [item.value];
  });
}

/** Losses that compare functions, whatever the parameters. */
const functionLosses = new Set(["expert-l2", "regression-l2"]);

/** Losses that compare a fit with the best one of its own kind, whatever the truth. */
const towardsTargets = new Set(["sigmoid-d3"]);

/** Losses of a study that names none. */
function usualLosses(truth: ModelFamilies): string[] {
  const model = compared(truth);
  if (incomparable(model, model) !== null) return ["expert-l2", "regression-l2"];
  const own = ownLoss(kindOf(truth.gating));
  return own === "voronoi-d4" ? [own, "components", "regression-l2"] : [own, "regression-l2"];
}

/** Fits, each named once, whose atoms the loss cannot compare with the truth's, and why. */
function leftOut(
  truth: ModelFamilies,
  fits: readonly FitDraft[],
  kinds: readonly MeasureKind[],
  comparison: typeof incomparable,
): Map<string, string> {
  const found = new Map<string, string>();
  for (const { spec, model } of fits) {
    const kind = kindOf(model.gating);
    const why = kinds.includes(kind) ? comparison(compared(truth), compared(model)) : `its gates are ${kind}`;
    if (why !== null) found.set(spec.name, why);
  }
  return found;
}

function compared({ gating, expert }: ModelFamilies): ComparedModel {
  const named = ({ spec, options }: ModelFamily) => ({ name: spec.family, options });
  return { gauge: gaugeOf(gating.description, gating.options), gating: named(gating), expert: named(expert) };
}

/** What measures of a gating are; plugged-in ones go by their gauge. */
function kindOf(gating: ModelFamily): MeasureKind {
  const name = gating.spec.family;
  const shipped: readonly string[] = ["hierarchical", "dense-to-sparse", "top-k"] satisfies MeasureKind[];
  if (shipped.includes(name)) return name as MeasureKind;
  const gauge = gaugeOf(gating.description, gating.options);
  return gauge === "none" ? "sigmoid" : gauge === "intercept" ? "laplace" : "softmax";
}
