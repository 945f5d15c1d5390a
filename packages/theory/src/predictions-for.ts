import type { FamilySpec, NamedAtom } from "@moe-rates/mixture";
import { expertClassOf, type ExpertClass } from "./expert-class.ts";
import { gateClassOf, hasNoSlope, mirrored, type GateClass } from "./gate-class.ts";
import { notIdentified, type PredictedLaw } from "./law.ts";
import { lossComponents, type ComponentStatement } from "./loss-components.ts";
import { registry } from "./registry.ts";
import type { TheoryEntry } from "./theory-entry.ts";

/** What theory says of one stored loss component: the published statement and the audited one, side by side. */
export interface Prediction extends ComponentStatement {
  readonly id: string;
  /** Classes of the gate and of the expert. */
  readonly gating: string;
  readonly expert: string;
  /** Loss and component are named as they are stored. */
  readonly loss: string;
  readonly published: PredictedLaw | null;
  readonly audited: PredictedLaw | null;
  readonly reason: string;
}

/** A truth and a fit of a study, as far as predictions depend on them. */
export interface PredictionRequest {
  readonly gating: FamilySpec;
  readonly expert: FamilySpec;
  readonly inputDim: number;
  readonly trueAtoms: number;
  readonly fittedAtoms: number;
  /** True atoms; they decide the regime of a sigmoid gate. */
  readonly atoms?: readonly NamedAtom[];
  /** Losses of the study (`voronoi-d2:3`); without them the paper's own loss of the gate and the regression loss. */
  readonly losses?: readonly string[];
}

/** Predictions for a fit of the truth's own families. Where k > 2k* - 1 nothing but the regression function is identified under
 *  normalised gates (N4); fewer atoms than the truth have no prediction. Throws on numbers of atoms that are not positive integers. */
export function predictionsFor(request: PredictionRequest): Prediction[] {
  const { trueAtoms, fittedAtoms, atoms = [] } = request;
  for (const [name, value] of Object.entries({ trueAtoms, fittedAtoms })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive integer, not ${value}`);
  }
  if (fittedAtoms < trueAtoms) return [];
  const over = fittedAtoms > trueAtoms;
  const gate = gateClassOf(request.gating, atoms, over);
  const expert = expertClassOf(request.expert);
  const found = entryFor(hasOneActive(request.gating) ? "other" : gate, expert);
  if (!found) return [];
  const beyond = fittedAtoms >= 2 * trueAtoms && !gate.startsWith("sigmoid");
  const trades = gate === "normalised-sigmoid-flat" && expert === "linear" && trueAtoms === 2;
  const global = expert === "linear" && over && trueAtoms === 2 && gate === "softmax";
  const identified = gate === "dense-to-sparse-homogeneous" ? (entryFor("softmax", expert) ?? null) : null;
  const dead = over && gate.startsWith("sigmoid-") && canVanish(request.expert);
  const flat = gate.startsWith("sigmoid-") && atoms.some(hasNoSlope) && canGrow(expert);
  const swaps = gate === "dense-to-sparse" && trueAtoms === 2 && mirrored(routerOf(request.gating));
  const losses = request.losses ?? [defaultLoss(gate), "regression-l2"];
  return losses.flatMap((loss) => {
    const own = identified !== null && comparesIdentified(loss) ? identified : found;
    return lossComponents(loss, over, own, identified, gate === "hierarchical").map((row) => {
      const id = `${own.id}/${over ? "over" : "exact"}/${loss}/${row.component}`;
      const prediction: Prediction = { ...row, id, gating: gate, expert, loss };
      if (row.group === "regression" || row.audited === null) return prediction;
      if (dead && row.cell !== "exact")
        return unidentified(
          prediction,
          "N5",
          "a spare atom whose expert is 0 has a free gate; near the truth as published",
        );
      if (flat)
        return unidentified(
          prediction,
          "N6",
          "a gate without slope: mass and size of a homogeneous or scaled expert trade, already at k = k*",
        );
      if (trades)
        return unidentified(
          prediction,
          "N6",
          "two normalised sigmoid gates, one without slope, and affine experts: its mass, the other's intercept and expert trade",
        );
      if (beyond && !hasShifts(gate))
        return { ...prediction, audited: null, reason: "k >= 2k*: nothing is claimed beyond 2k* - 1 atoms" };
      if (beyond)
        return unidentified(prediction, "N4", "k >= 2k*: every gate splits into two at beta1 +- delta");
      if (swaps && (row.group === "gate" || row.group === "loss"))
        return unidentified(
          prediction,
          "N10",
          "k* = 2 and a tanh or sigmoid router: (-omega2, -omega1) gives the same gates as (omega1, omega2)",
        );
      return global && (row.group !== "expert" || row.component === "over-expert-mean")
        ? unidentified(
            prediction,
            "N7",
            "with k* = 2 and linear experts a third gate at -beta1*, and a middle expert that is a mean of both, leave f_G as it is",
          )
        : prediction;
    });
  });
}

/** Whether some parameters make the expert 0 for every x. */
function canVanish(spec: FamilySpec): boolean {
  const { family, ...options } = typeof spec === "string" ? { family: spec } : spec;
  const given: Record<string, unknown> = options;
  if (family === "ffn") return given["activation"] !== "sigmoid" || given["scale"] === true;
  return family === "linear" || family === "polynomial";
}

/** Whether slopes can be shifted, the condition of N4. */
function hasShifts(gate: GateClass): boolean {
  return gate === "softmax" || gate === "hierarchical" || gate === "dense-to-sparse-homogeneous";
}

/** Whether a single atom is active at each x: sizes of gates then have no effect at all. */
function hasOneActive(spec: FamilySpec): boolean {
  const given: Record<string, unknown> = typeof spec === "string" ? { family: spec } : spec;
  return given["family"] === "top-k" && given["k"] === 1;
}

function routerOf(spec: FamilySpec): string {
  const given: Record<string, unknown> = typeof spec === "string" ? {} : spec;
  return String(given["router"] ?? "linear");
}

/** Whether the class is closed under multiples. */
function canGrow(expert: ExpertClass): boolean {
  return ["linear", "polynomial", "relu", "scaled", "input-free"].includes(expert);
}

/** Losses that compare dense-to-sparse gates in their softmax form, beta1 / tau and beta0 / tau. */
function comparesIdentified(loss: string): boolean {
  return /^(?:voronoi-d[12]|wasserstein|expert-l2)/u.test(loss);
}

/** The entry that covers a gate and an expert. */
export function entryFor(gate: GateClass, expert: ExpertClass): TheoryEntry | undefined {
  return registry.find(({ gates, experts }) => gates.includes(gate) && experts.includes(expert));
}

/** The loss of the paper that treats a gate. */
export function defaultLoss(gate: GateClass): string {
  if (gate.startsWith("dense-to-sparse")) return "voronoi-d4";
  if (gate === "hierarchical") return "voronoi-d5";
  if (gate === "sigmoid-regime-1") return "sigmoid-d1";
  if (gate === "sigmoid-regime-2") return "sigmoid-d3";
  return gate === "top-k" ? "top-k-d1" : "voronoi-d1";
}

function unidentified(prediction: Prediction, witness: string, reason: string): Prediction {
  return { ...prediction, audited: notIdentified(`docs/audit.md, ${witness}`), reason };
}
