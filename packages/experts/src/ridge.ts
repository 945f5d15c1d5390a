import type { AtomField, Expert, ExpertBasis, FamilyOption } from "./expert.ts";
import type { Kernels } from "@moe-rates/kernels";

/** phi with its first two derivatives over a column, as the kernels provide them. */
export type RidgeFunction = (
  kernels: Kernels,
  u: number,
  n: number,
  order: 0 | 1 | 2,
  value: number,
  first: number,
  second: number,
) => void;

/** The options that every function of one inner product shares. */
export const ridgeOptions = {
  scale: { type: "boolean", default: false, description: "multiply by a fitted output scale lambda" },
  bias: { type: "boolean", default: true, description: "fit an intercept b" },
  normalise: { type: "boolean", default: false, description: "feed x / |x| instead of x" },
} as const satisfies Record<string, FamilyOption>;

/** Fields a (length d), b unless bias is off, lambda with scale; `unit` is appended to every name (a1, b1, lambda1). */
export function ridgeFields(
  inputDim: number,
  options: Readonly<Record<string, unknown>>,
  unit = "",
): AtomField[] {
  const fields: AtomField[] = [{ name: `a${unit}`, length: inputDim }];
  if (options["bias"] !== false) fields.push({ name: `b${unit}`, length: null });
  if (options["scale"] === true) fields.push({ name: `lambda${unit}`, length: null });
  return fields;
}

/** h(x, eta) = phi(u), u = a . z + b (b dropped without bias), z = x or x / |x|; with scale h = lambda phi(u).
 *  dh/du = lambda phi'(u), dh/dlambda = phi(u), d2h/du2 = lambda phi''(u), d2h/(du dlambda) = phi'(u), d2h/dlambda2 = 0.
 *  `curved` false says that phi'' vanishes identically; `unit` is appended to the names of the parameters. */
export function ridgeExpert(
  family: string,
  phi: RidgeFunction,
  curved: boolean,
  options: Readonly<Record<string, unknown>>,
  unit = "",
): Expert {
  const scaled = options["scale"] === true;
  const inner = { basis: ridgeBasis(options), slope: `a${unit}`, intercept: `b${unit}` };
  const outer = { basis: "one" as const, slope: "", intercept: `lambda${unit}` };
  const secondPairs: [number, number][] = curved ? [[0, 0]] : [];
  if (scaled) secondPairs.push([0, 1]);
  return {
    family,
    channels: scaled ? [inner, outer] : [inner],
    secondPairs,
    evaluate(kernels, { channels, value, first, second }, n, order) {
      const u = channels[0];
      if (!scaled) {
        phi(kernels, u, n, curved ? order : order === 0 ? 0 : 1, value, first[0] ?? -1, second[0] ?? -1);
        return;
      }
      const lambda = channels[1];
      if (order === 0) {
        phi(kernels, u, n, 0, value, -1, -1);
        kernels.multiply(value, value, lambda, n);
        return;
      }
      const curvature = curved && order === 2 ? second[0] : -1;
      phi(kernels, u, n, curvature >= 0 ? 2 : 1, first[1], first[0], curvature);
      kernels.multiply(value, first[1], lambda, n);
      if (order === 2) kernels.scale(second[curved ? 1 : 0], first[0], 1, n);
      if (curvature >= 0) kernels.multiply(curvature, curvature, lambda, n);
      kernels.multiply(first[0], first[0], lambda, n);
    },
  };
}

function ridgeBasis(options: Readonly<Record<string, unknown>>): ExpertBasis {
  const bias = options["bias"] !== false;
  if (options["normalise"] === true) return bias ? "normalised-affine" : "normalised";
  return bias ? "affine" : "input";
}
