import { haltonPoint, stream } from "@moe-rates/math";
import type { ExpertSpec, Families } from "@moe-rates/mixture";
import { expertFunction } from "./expert-jet.ts";
import type { Points } from "./model-jet.ts";

/** Exact properties of an expert in its parameters, found numerically, so that they hold for experts of a user's own as well. */
export interface ExpertSymmetries {
  /** Names of the components of eta. */
  readonly names: readonly string[];
  /** Components in which h is affine and not constant: h(eta + e) + h(eta - e) = 2 h(eta). */
  readonly affine: readonly string[];
  /** p with h(x, c eta) = c^p h(x, eta) for all c > 0, or null. */
  readonly degree: number | null;
  /** h(x, -eta) = -h(x, eta). */
  readonly odd: boolean;
  /** h(x, eta) + h(x, -eta) = 2 h(x, 0), and h(x, 0) is constant in x. */
  readonly symmetric: boolean;
  /** h(x, 0) = 0. */
  readonly vanishing: boolean;
}

const TOLERANCE = 1e-11;

/** Tests an expert for the symmetries that exact counter-examples use, at random parameters over 200 points of [-3, 3]^d. */
export function expertSymmetries(spec: ExpertSpec, inputDim: number, families: Families): ExpertSymmetries {
  const expert = expertFunction(spec, inputDim, families);
  const points = wideHalton(inputDim, 200);
  const random = stream("symmetries", inputDim);
  const draws = Array.from({ length: 3 }, () =>
    Float64Array.from(expert.names, () => (random.uniform() < 0.5 ? -1 : 1) * (0.5 + random.uniform())),
  );
  const at = (eta: Float64Array) => expert.jet(eta, points).value;
  const zero = at(new Float64Array(expert.names.length));
  const everywhere = (test: (eta: Float64Array, h: Float64Array) => boolean) =>
    draws.every((eta) => test(eta, at(eta)));
  const affine = expert.names.filter((_, s) =>
    everywhere((eta, h) => {
      const moved = (step: number) => at(eta.map((value, t) => (t === s ? value + step : value)));
      const [up, down] = [moved(0.7), moved(-0.7)];
      return (
        near(
          up.map((value, i) => value + down[i] - 2 * h[i]),
          h,
        ) &&
        !near(
          up.map((value, i) => value - h[i]),
          h,
        )
      );
    }),
  );
  const scaled = (eta: Float64Array, c: number) => at(eta.map((value) => c * value));
  const degrees = draws.map((eta) => {
    const [h, double] = [at(eta), scaled(eta, 2)];
    const i = h.reduce((best, value, row) => (Math.abs(value) > Math.abs(h[best]) ? row : best), 0);
    return Math.log2(double[i] / h[i]);
  });
  const degree = Math.round(degrees[0] * 1e6) / 1e6;
  const homogeneous =
    Number.isFinite(degree) &&
    degree !== 0 &&
    everywhere((eta, h) =>
      [0.6, 1.4, 2].every((c) =>
        near(
          scaled(eta, c).map((value, i) => value - c ** degree * h[i]),
          h,
        ),
      ),
    );
  return {
    names: expert.names,
    affine,
    degree: homogeneous ? degree : null,
    odd: everywhere((eta, h) =>
      near(
        scaled(eta, -1).map((value, i) => value + h[i]),
        h,
      ),
    ),
    symmetric:
      zero.every((value) => Math.abs(value - zero[0]) <= TOLERANCE) &&
      everywhere((eta, h) =>
        near(
          scaled(eta, -1).map((value, i) => value + h[i] - 2 * zero[i]),
          h,
        ),
      ),
    vanishing: zero.every((value) => Math.abs(value) <= TOLERANCE),
  };
}

/** Low-discrepancy points of [-3, 3]^d. */
export function wideHalton(inputDim: number, count: number): Points {
  const points = new Float64Array(count * inputDim);
  const point = new Float64Array(inputDim);
  for (let i = 0; i < count; i++) {
    haltonPoint(i, inputDim, point);
    for (let u = 0; u < inputDim; u++) points[u * count + i] = 6 * point[u] - 3;
  }
  return { points, count };
}

function near(difference: Float64Array, size: Float64Array): boolean {
  const largest = size.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return difference.every((value) => Math.abs(value) <= TOLERANCE * largest);
}
