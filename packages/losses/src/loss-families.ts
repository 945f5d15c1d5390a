import { nearestWord } from "@moe-rates/math";
import type { MixingMeasure } from "@moe-rates/mixture";

/** What a measure is a measure of, as far as losses care. */
export type MeasureKind = "softmax" | "top-k" | "dense-to-sparse" | "laplace" | "hierarchical" | "sigmoid";

/** A loss that a study file may name. */
export interface LossFamily {
  readonly name: string;
  /** Whether an order r follows the name after a colon. */
  readonly ordered: boolean;
  readonly description: string;
  /** Kinds of measures it compares. */
  readonly kinds: readonly MeasureKind[];
}

const flat: readonly MeasureKind[] = ["softmax", "top-k", "dense-to-sparse", "laplace"];
const every: readonly MeasureKind[] = [...flat, "hierarchical", "sigmoid"];
const family = (
  name: string,
  kinds: readonly MeasureKind[],
  description: string,
  ordered = false,
): LossFamily => ({ name, ordered, kinds, description });

/** All losses, by the name before the colon. Formulas: docs/losses.md. */
export const lossFamilies = {
  "voronoi-d1": family(
    "voronoi-d1",
    [...flat, "sigmoid"],
    "Voronoi loss: first powers in exact cells, squares in over-specified ones",
  ),
  "voronoi-d2": family("voronoi-d2", flat, "Voronoi loss with every norm to the power r", true),
  "voronoi-d3": family(
    "voronoi-d3",
    ["dense-to-sparse"],
    "Voronoi loss with gate, temperature and expert to the power r",
    true,
  ),
  "voronoi-d4": family("voronoi-d4", ["dense-to-sparse"], "Voronoi loss D1 with the temperature"),
  "voronoi-d5": family("voronoi-d5", ["hierarchical"], "Voronoi loss D1 at both levels"),
  "voronoi-d6": family(
    "voronoi-d6",
    ["hierarchical"],
    "Voronoi loss at both levels with every norm to the power r",
    true,
  ),
  "sigmoid-d1": family("sigmoid-d1", ["sigmoid"], "Voronoi loss of sigmoid gates, regime 1"),
  "sigmoid-d2": family("sigmoid-d2", ["sigmoid"], "the same with every norm to the power r", true),
  "sigmoid-d3": family("sigmoid-d3", ["sigmoid"], "distance to the best noise-free fits, regime 2"),
  "top-k-d1": family("top-k-d1", ["top-k"], "largest D1 over the K-subsets of true atoms"),
  components: family("components", every, "errors of gates, experts, masses and temperature, unweighted"),
  "expert-l2": family("expert-l2", every, "experts compared as functions of x"),
  "regression-l2": family("regression-l2", every, "root mean square of f - f*"),
  wasserstein: family(
    "wasserstein",
    [...flat, "sigmoid"],
    "Wasserstein distance of order r of the measures",
    true,
  ),
} as const satisfies Record<string, LossFamily>;

/** Name of a loss without its order. */
export type LossFamilyName = keyof typeof lossFamilies;

/** Names as study files write them, `:r` standing for the order. */
export const lossNames: readonly string[] = Object.values(lossFamilies).map(({ name, ordered }) =>
  ordered ? `${name}:r` : name,
);

/** Largest order: beyond it powers of small errors leave the range of numbers. */
export const largestOrder = 20;

/** A loss as a study file names it. */
export interface NamedLoss {
  readonly family: LossFamilyName;
  /** r; 1 where the loss has none. */
  readonly order: number;
}

/** Reads `voronoi-d1` or `voronoi-d2:3`; what is wrong with the name otherwise. */
export function readLoss(name: string): NamedLoss | { readonly problem: string } {
  const [head, ...rest] = name.split(":");
  if (!Object.hasOwn(lossFamilies, head)) {
    const nearest = nearestWord(head, Object.keys(lossFamilies));
    const near = nearest === undefined ? "" : `; did you mean ${nearest}?`;
    return { problem: `unknown loss "${name}"; known: ${lossNames.join(", ")}${near}` };
  }
  const found = head as LossFamilyName;
  const { ordered } = lossFamilies[found];
  if (!ordered)
    return rest.length === 0
      ? { family: found, order: 1 }
      : { problem: `${head} has no order; write ${head}` };
  const order = Number(rest[0]);
  if (rest.length !== 1 || rest[0].trim() === "" || !(order >= 1 && order <= largestOrder))
    return {
      problem: `"${name}" needs an order from 1 to ${largestOrder} after a colon, for example ${head}:2`,
    };
  if (String(order) !== rest[0]) return { problem: `write "${name}" as ${head}:${order}` };
  return { family: found, order };
}

/** As `readLoss`, but throws a TypeError. */
export function lossNamed(name: string): NamedLoss {
  const loss = readLoss(name);
  if ("problem" in loss) throw new TypeError(loss.problem);
  return loss;
}

/** The kind of a measure, from what it carries. */
export function measureKind({ gauge, groups, temperature, activeAtoms }: MixingMeasure): MeasureKind {
  if (groups !== undefined) return "hierarchical";
  if (temperature !== undefined) return "dense-to-sparse";
  if (activeAtoms !== undefined) return "top-k";
  if (gauge === "none") return "sigmoid";
  return gauge === "intercept" ? "laplace" : "softmax";
}

/** The Voronoi loss that the papers state for over- and exactly specified fits of a kind of measure. */
export function ownLoss(kind: MeasureKind): "voronoi-d1" | "voronoi-d4" | "voronoi-d5" {
  if (kind === "hierarchical") return "voronoi-d5";
  return kind === "dense-to-sparse" ? "voronoi-d4" : "voronoi-d1";
}
