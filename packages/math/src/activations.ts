import { logistic } from "./logistic.ts";
import { normalCdf } from "./normal.ts";

/** Scalar activation phi with its first two derivatives: the reference that block kernels are tested against. */
export interface Activation {
  readonly value: (u: number) => number;
  readonly first: (u: number) => number;
  readonly second: (u: number) => number;
}

/** Names of the activations. */
export type ActivationName = "linear" | "tanh" | "sigmoid" | "gelu" | "relu";

/**
 * Activations phi by name, with t = tanh u, s = 1/(1 + exp(-u)), Phi and g the normal distribution function and density:
 * - linear: u, 1, 0
 * - tanh: t, 1 - t^2, -2 t (1 - t^2)
 * - sigmoid: s, s (1 - s), s (1 - s) (1 - 2 s)
 * - gelu (exact): u Phi(u), Phi(u) + u g(u), g(u) (2 - u^2)
 * - relu: max(u, 0), 1 for u > 0 and else 0, 0 (the delta at u = 0 is left out)
 *
 * The tails are written without cancellation, so every derivative keeps its relative accuracy until it underflows.
 */
export const activations: Readonly<Record<ActivationName, Activation>> = {
  linear: { value: (u) => u, first: () => 1, second: () => 0 },
  tanh: {
    value: (u) => Math.tanh(u),
    first: sechSquared,
    second: (u) => -2 * Math.tanh(u) * sechSquared(u),
  },
  sigmoid: {
    value: logistic,
    first: (u) => logistic(u) * logistic(-u),
    second: (u) => -logistic(u) * logistic(-u) * Math.tanh(u / 2),
  },
  gelu: {
    value: (u) => (u === -Infinity ? 0 : u * normalCdf(u)),
    first: (u) => normalCdf(u) + (Math.abs(u) < 40 ? u * gaussianDensity(u) : 0),
    second: (u) => (Math.abs(u) < 40 ? gaussianDensity(u) * (2 - u * u) : 0),
  },
  relu: { value: (u) => (u < 0 ? 0 : u), first: (u) => (u > 0 ? 1 : 0), second: () => 0 },
};

function sechSquared(u: number): number {
  const e = Math.exp(-2 * Math.abs(u));
  return (4 * e) / ((1 + e) * (1 + e));
}

/** exp(-u^2/2) / sqrt(2 pi); u^2 is taken from the 24-bit head of u, whose square is exact. */
function gaussianDensity(u: number): number {
  const head = Math.fround(u);
  return 0.3989422804014327 * Math.exp(-0.5 * head * head) * Math.exp(-0.5 * (u - head) * (u + head));
}
