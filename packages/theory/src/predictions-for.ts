import type { FamilySpec, NamedAtom } from "@moe-rates/mixture";
import { expertClassOf, type ExpertClass } from "./expert-class.ts";
import { gateClassOf, type GateClass } from "./gate-class.ts";
import { poweredLaw, slowerLaw, type PredictedLaw } from "./law.ts";
import { registry } from "./registry.ts";
import type { Statement, TheoryEntry } from "./theory-entry.ts";

/** What theory says of one stored loss component: the published statement and the audited one, side by side. */
export interface Prediction {
  readonly id: string;
  readonly gating: string;
  readonly expert: string;
  readonly specification: "exact" | "over";
  readonly group: "regression" | "loss" | "gate" | "expert" | "temperature" | "mass";
  readonly cell: "exact" | "over" | "all";
  /** Loss and component as they are stored. */
  readonly loss: string;
  readonly component: string;
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
  const found = entryFor(gate, expert);
  if (!found) return [];
  const beyond = fittedAtoms >= 2 * trueAtoms && !gate.startsWith("sigmoid");
  const global = expert === "linear" && over && trueAtoms === 2 && gate === "softmax";
  const losses = request.losses ?? [defaultLoss(gate), "regression-l2"];
  return losses.flatMap((loss) =>
    expand(found, loss, over).map((row) => {
      const shared = {
        ...row,
        id: `${found.id}/${over ? "over" : "exact"}/${loss}/${row.component}`,
        gating: gate,
        expert,
        loss,
      };
      if (row.group === "regression" || row.audited === null) return shared;
      if (beyond) return unidentified(shared, "N4", "k >= 2k*: every gate splits into two at beta1 +- delta");
      return global && row.group !== "expert"
        ? unidentified(
            shared,
            "N7",
            "with k* = 2 and linear experts a third gate at -beta1* leaves f_G as it is",
          )
        : shared;
    }),
  );
}

/** The entry that covers a gate and an expert. */
export function entryFor(gate: GateClass, expert: ExpertClass): TheoryEntry | undefined {
  return registry.find(({ gates, experts }) => gates.includes(gate) && experts.includes(expert));
}

/** The loss of the paper that treats a gate. */
export function defaultLoss(gate: GateClass): string {
  if (gate === "dense-to-sparse-homogeneous") return "voronoi-d3:1";
  if (gate === "dense-to-sparse") return "voronoi-d4";
  if (gate === "hierarchical") return "voronoi-d5";
  if (gate === "sigmoid-regime-1") return "sigmoid-d1";
  if (gate === "sigmoid-regime-2") return "sigmoid-d3";
  return gate === "top-k" ? "top-k-d1" : "voronoi-d1";
}

function unidentified(prediction: Prediction, witness: string, reason: string): Prediction {
  return {
    ...prediction,
    audited: {
      kind: "not-identified",
      exponent: null,
      logExponent: 0,
      scope: "pointwise",
      statement: "does not converge: other parameters give the same regression function",
      source: `docs/audit.md, ${witness}`,
    },
    reason,
  };
}

type Row = Omit<Prediction, "id" | "gating" | "expert" | "loss">;

function expand(entry: TheoryEntry, loss: string, over: boolean): Row[] {
  const specification = over ? ("over" as const) : ("exact" as const);
  const row = (
    component: string,
    group: Prediction["group"],
    cell: Prediction["cell"],
    statement: Statement,
  ): Row => ({ specification, group, cell, component, ...statement });
  if (loss === "regression-l2") return [row("total", "regression", "all", entry.regression)];
  const block = over ? entry.over : entry.exact;
  const [exactPower, overPower] = powersOf(loss);
  const powered = (statement: Statement, power: number): Statement => ({
    ...statement,
    published: statement.published && poweredLaw(statement.published, power),
    audited: statement.audited && poweredLaw(statement.audited, power),
  });
  const exact = {
    gate: powered(block.exactGate, exactPower),
    expert: powered(block.exactExpert, exactPower),
  };
  const inOver = {
    gate: powered(block.overGate, overPower),
    expert: powered(block.overExpert, overPower),
  };
  const exactSum = slowest([exact.gate, exact.expert]);
  const overSum = slowest([inOver.gate, inOver.expert]);
  const rows = [
    row("mass", "mass", "all", block.mass),
    row("exact", "loss", "exact", exactSum),
    row("exact-gate", "gate", "exact", exact.gate),
    row("exact-expert", "expert", "exact", exact.expert),
    row("exact-gate-error", "gate", "exact", block.exactGate),
    row("exact-expert-error", "expert", "exact", block.exactExpert),
  ];
  const total = [block.mass, exactSum, ...(over ? [overSum] : [])];
  if (over) {
    rows.push(
      row("over", "loss", "over", overSum),
      row("over-gate", "gate", "over", inOver.gate),
      row("over-expert", "expert", "over", inOver.expert),
      row("over-gate-rms", "gate", "over", block.overGate),
      row("over-expert-rms", "expert", "over", block.overExpert),
      row("over-gate-mean", "gate", "over", block.overMean),
      row("over-expert-mean", "expert", "over", block.overMean),
    );
  }
  if (block.temperature) {
    rows.push(row("temperature", "temperature", "all", powered(block.temperature, exactPower)));
    total.push(powered(block.temperature, exactPower));
  }
  return [row("total", "loss", "all", block.total ?? slowest(total)), ...rows];
}

/** Powers that a loss puts on errors in exact and in over-specified cells. */
function powersOf(loss: string): readonly [number, number] {
  const [name, option] = loss.split(":");
  if (["voronoi-d2", "voronoi-d3", "voronoi-d6", "sigmoid-d2"].includes(name)) {
    const r = option === undefined ? 1 : Number(option);
    return [r, r];
  }
  return name === "sigmoid-d3" ? [1, 1] : [1, 2];
}

/** The statement about a sum: the slowest of its parts, published and audited each for itself. */
function slowest(parts: readonly Statement[]): Statement {
  const laws = (key: "published" | "audited"): PredictedLaw | null => {
    const known = parts.map((part) => part[key]);
    const stated = known.filter((law): law is PredictedLaw => law !== null);
    if (
      key === "audited" &&
      stated.length < known.length &&
      !stated.some((law) => law.kind === "not-identified")
    )
      return null;
    return stated.length === 0 ? null : stated.reduce(slowerLaw);
  };
  const audited = laws("audited");
  const published = laws("published");
  return { published, audited, reason: (parts.find((part) => part.audited === audited) ?? parts[0]).reason };
}
