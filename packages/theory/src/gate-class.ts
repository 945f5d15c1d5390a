import type { FamilySpec, NamedAtom } from "@moe-rates/mixture";

/** Classes of gates between which the theory distinguishes. Sigmoid regime 1: spare atoms can merge into a true one because its
 *  gate has no slope; regime 2: they cannot. */
export type GateClass =
  | "softmax"
  | "dense-to-sparse-homogeneous"
  | "dense-to-sparse"
  | "hierarchical"
  | "sigmoid-regime-1"
  | "sigmoid-regime-2"
  | "normalised-sigmoid"
  | "normalised-sigmoid-flat"
  | "top-k"
  | "laplace"
  | "gaussian-softmax"
  | "gaussian-laplace"
  | "gaussian-top-k"
  | "other";

/** What the classes mean, for people. */
export const gateClassNames: Readonly<Record<GateClass, string>> = {
  softmax: "softmax",
  "dense-to-sparse-homogeneous":
    "dense-to-sparse, router homogeneous in some of its parameters (linear, MLP)",
  "dense-to-sparse": "dense-to-sparse, other routers (tanh, sigmoid, GELU)",
  hierarchical: "two-level hierarchical softmax",
  "sigmoid-regime-1": "sigmoid, every over-specified true gate without slope (regime 1)",
  "sigmoid-regime-2": "sigmoid, some over-specified true gate with slope (regime 2)",
  "normalised-sigmoid": "normalised sigmoid, every true gate with slope",
  "normalised-sigmoid-flat": "normalised sigmoid, some true gate without slope",
  "top-k": "top-K sparse softmax",
  laplace: "Laplace",
  "gaussian-softmax": "softmax, Gaussian density, maximum likelihood",
  "gaussian-laplace": "Laplace, Gaussian density, maximum likelihood",
  "gaussian-top-k": "top-K softmax, Gaussian density, maximum likelihood",
  other: "not covered",
};

/** Class of a gating as studies name it. The regime of a sigmoid gate is a property of the true atoms: 1 when a spare atom can
 *  merge into one of them (some beta1* = 0) or when none is spare. */
export function gateClassOf(
  spec: FamilySpec,
  truth: readonly NamedAtom[] = [],
  over: boolean = false,
): GateClass {
  const { family, ...options } = typeof spec === "string" ? { family: spec } : spec;
  const given: Record<string, unknown> = options;
  switch (family) {
    case "softmax":
    case "hierarchical":
    case "top-k":
    case "laplace":
      return family;
    case "dense-to-sparse":
      return ["linear", "mlp"].includes(String(given["router"] ?? "linear"))
        ? "dense-to-sparse-homogeneous"
        : "dense-to-sparse";
    case "sigmoid":
      if (given["normalised"] === true)
        return truth.some(hasNoSlope) ? "normalised-sigmoid-flat" : "normalised-sigmoid";
      return over && truth.length > 0 && !truth.some(hasNoSlope) ? "sigmoid-regime-2" : "sigmoid-regime-1";
    default:
      return "other";
  }
}

/** Whether the gate of a true atom is constant in x. */
export function hasNoSlope(atom: NamedAtom): boolean {
  const slope = atom["beta1"];
  return Array.isArray(slope) && slope.every((value) => value === 0);
}

/** Whether pi(x, -omega) = c - pi(x, omega) with a constant c, as tanh and sigmoid of omega . x have it: two atoms can then change places in the gate (N10). */
export function mirrored(router: string): boolean {
  return router === "tanh" || router === "sigmoid";
}
