import { type ExpertSpec, type Families, shippedFamilies } from "@moe-rates/mixture";
import { expertFunction, type ExpertJet } from "./expert-jet.ts";
import type { Points } from "./model-jet.ts";

/** A partial differential equation between derivatives of the unnormalised component F, at given parameters. */
export interface Interaction {
  /** Number in its paper. */
  readonly id: "(9)" | "(15)" | "(28)" | "SG(8)" | "SG(11)";
  readonly equation: string;
  readonly source: string;
  /** max over points and components of |left - right|, divided by max |left|. */
  readonly residual: number;
  readonly holds: boolean;
}

/** One component of a mixture: a gate's score parameters and an expert. */
export interface InteractionRequest {
  readonly expert: ExpertSpec;
  /** Read as a router pi(x, omega); linear when absent. */
  readonly router?: ExpertSpec;
  readonly inputDim: number;
  readonly points: Points;
  /** Gate slope (omega of a router), and temperature. */
  readonly beta1: Float64Array;
  readonly beta0?: number;
  readonly temperature?: number;
  readonly eta: Float64Array;
  readonly families?: Families;
}

const HOLDS = 1e-10;

/**
 * Evaluates the interactions of the papers for any expert and router, with analytic derivatives and no symbols. With w = exp(beta1 . x) and
 * s = sigma(beta1 . x + beta0):
 * - (9)    F = w h: d2F/dbeta1_u db = dF/da_u, for experts with a slope a and an intercept b;
 * - (15)   F = exp(pi / tau) h: dF/dtau = -(1/tau) omega . dF/domega, true for routers homogeneous of degree one;
 * - (28)   F = exp(a . x) exp(w1 . x) h: dF/deta_slope = d2F/dw1 deta_intercept, and the same with a;
 * - SG(8)  F = s h at a = beta1 = 0: dF/dbeta1 = C dF/da, C = (1 - sigma(beta0)) h / (dh/db);
 * - SG(11) F = s h: d2F/dbeta1 db = d2F/da dbeta0.
 * Interactions that need parameters the expert does not have are left out.
 */
export function interactions(request: InteractionRequest): Interaction[] {
  const { inputDim, points, families = shippedFamilies, temperature = 1, beta0 = 0 } = request;
  const expert = expertFunction(request.expert, inputDim, families);
  const router = expertFunction(request.router ?? { family: "linear", bias: false }, inputDim, families);
  const h = expert.jet(request.eta, points);
  const slope = expert.names.findIndex((name) => name === "a[0]");
  const intercept = expert.names.indexOf("b");
  const x = Array.from({ length: inputDim }, (_, u) =>
    points.points.subarray(u * points.count, (u + 1) * points.count),
  );
  const row = (
    id: Interaction["id"],
    equation: string,
    source: string,
    pairs: readonly Pair[],
  ): Interaction => {
    const residual = difference(pairs);
    return { id, equation, source, residual, holds: residual <= HOLDS };
  };
  const pi = router.jet(request.beta1, points);
  const heat = pi.value.map((value) => Math.exp(value / temperature));
  const found = [
    row("(15)", "dF/dtau = -(1/tau) omega . dF/domega", "arXiv 2503.03213", [
      temperaturePair(pi, h, heat, request.beta1, temperature),
    ]),
  ];
  if (slope < 0 || intercept < 0) return found;
  const score = points.count === 0 ? new Float64Array() : affine(x, request.beta1, 0);
  const w = score.map(Math.exp);
  const s = affine(x, request.beta1, beta0).map((z) => 1 / (1 + Math.exp(-z)));
  const inA = (u: number) => h.gradient[slope + u];
  const inB = h.gradient[intercept];
  const softmax = x.map((column, u): Pair => [
    w.map((v, i) => v * column[i] * inB[i]),
    w.map((v, i) => v * inA(u)[i]),
  ]);
  found.push(
    row("(9)", "d2F/dbeta1 db = dF/da", "arXiv 2503.03213", softmax),
    row(
      "(28)",
      "dF/deta1 = d2F/dw1 deta0 = d2F/da deta0",
      "arXiv 2503.03213",
      softmax.map(([left, right]): Pair => [right, left]),
    ),
    row(
      "SG(11)",
      "d2F/dbeta1 db = d2F/da dbeta0",
      "arXiv 2405.13997",
      x.map((column, u): Pair => [
        s.map((p, i) => p * (1 - p) * column[i] * inB[i]),
        s.map((p, i) => p * (1 - p) * inA(u)[i]),
      ]),
    ),
  );
  const still = request.eta.map((value, t) => (t >= slope && t < slope + inputDim ? 0 : value));
  const flat = expert.jet(still, points);
  const gate = 1 / (1 + Math.exp(-beta0));
  const constant = (1 - gate) * (flat.value[0] / flat.gradient[intercept][0]);
  found.push(
    row(
      "SG(8)",
      "dF/dbeta1 = C dF/da at a = beta1 = 0",
      "arXiv 2405.13997",
      x.map((column, u): Pair => [
        flat.value.map((value, i) => gate * (1 - gate) * column[i] * value),
        flat.gradient[slope + u].map((value) => constant * gate * value),
      ]),
    ),
  );
  return found;
}

type Pair = readonly [Float64Array, Float64Array];

function temperaturePair(
  pi: ExpertJet,
  h: ExpertJet,
  heat: Float64Array,
  omega: Float64Array,
  tau: number,
): Pair {
  const left = heat.map((w, i) => (-w * h.value[i] * pi.value[i]) / tau ** 2);
  const right = heat.map((w, i) => {
    let along = 0;
    pi.gradient.forEach((column, u) => (along += omega[u] * column[i]));
    return (-w * h.value[i] * along) / tau ** 2;
  });
  return [left, right];
}

function affine(x: readonly Float64Array[], slope: Float64Array, intercept: number): Float64Array {
  const out = new Float64Array(x[0].length).fill(intercept);
  x.forEach((column, u) => column.forEach((value, i) => (out[i] += slope[u] * value)));
  return out;
}

function difference(pairs: readonly Pair[]): number {
  let [most, size] = [0, Number.MIN_VALUE];
  for (const [left, right] of pairs)
    left.forEach((value, i) => {
      most = Math.max(most, Math.abs(value - right[i]));
      size = Math.max(size, Math.abs(value));
    });
  return most / size;
}
