import { stream, type Stream } from "@moe-rates/math";
import { type ExpertSpec, type Families, shippedFamilies } from "@moe-rates/mixture";
import { expertFunction, type ExpertFunction, type ExpertJet } from "./expert-jet.ts";
import { independence, type Independence, type NamedColumn } from "./independence.ts";
import type { Points } from "./model-jet.ts";

/** What a rank test of a definition needs: the families, the dimension of x, and how many atoms are drawn at once. */
export interface DefinitionRequest {
  readonly expert: ExpertSpec;
  /** An expert specification read as a router pi(x, omega): what Definition 2 and dense-to-sparse gates take. */
  readonly router?: ExpertSpec;
  readonly inputDim: number;
  readonly atoms: number;
  readonly families?: Families;
  /** Points in [-3, 3]^d; 20,000 by default. */
  readonly points?: number;
  readonly seed?: number;
}

/** Definition 1 (strong identifiability, arXiv 2503.03213) at random distinct eta: independence over x of
 *  { x^nu d^gamma h / d eta^gamma (x, eta_j): |nu| + |gamma| <= 2, j <= atoms }. It holds or fails for generic eta; at special ones
 *  (eta_2 = -eta_1 for tanh) it fails even where it holds generically. */
export function definition1(request: DefinitionRequest): Independence {
  const { atoms, inputDim } = request;
  const { random, points } = wideBox(request);
  const expert = expertFunction(request.expert, inputDim, request.families);
  const columns = Array.from({ length: atoms }, (_, j) => {
    const h = drawn(expert, random, points);
    const names = inAtom(expert.names, j);
    const x = inputs(points, inputDim);
    return [
      ...polynomials(named(`h(${j})`, h.value), x, 2),
      ...h.gradient.flatMap((column, s) => polynomials(named(`dh/${names[s]}`, column), x, 1)),
      ...hessians(h, names),
    ];
  });
  return independence(columns.flat());
}

/** Definition 2 (algebraic independence of a router and an expert, arXiv 2503.03213) at random parameters: independence over x of
 *  { h, pi h, pi^2 h, pi_u h, pi pi_u h, pi_u pi_v h, pi_uv h, h_s, pi h_s, pi_u h_s, h_st } at atoms j, where indices are derivatives. */
export function definition2(request: DefinitionRequest & { readonly router: ExpertSpec }): Independence {
  const { atoms, inputDim, families = shippedFamilies } = request;
  const { random, points } = wideBox(request);
  const expert = expertFunction(request.expert, inputDim, families);
  const router = expertFunction(request.router, inputDim, families);
  const columns = Array.from({ length: atoms }, (_, j) => {
    const pi = drawn(router, random, points);
    const h = drawn(expert, random, points);
    const names = inAtom(expert.names, j);
    const value = named(`h(${j})`, h.value);
    const route = named(`pi(${j})`, pi.value);
    const slopes = pi.gradient.map((column, u) => named(`dpi/${router.names[u]}(${j})`, column));
    const gradient = h.gradient.map((column, s) => named(`dh/${names[s]}`, column));
    const bends = hessians(pi, inAtom(router.names, j)).map((one) =>
      named(one.name.replace("h/", "pi/"), one.values),
    );
    return [
      value,
      times(route, value),
      times(route, times(route, value)),
      ...slopes.flatMap((slope) => [times(slope, value), times(route, times(slope, value))]),
      ...slopes.flatMap((left, u) => slopes.slice(u).map((right) => times(left, times(right, value)))),
      ...bends.map((bend) => times(bend, value)),
      ...gradient.flatMap((one) => [one, times(route, one), ...slopes.map((slope) => times(slope, one))]),
      ...hessians(h, names),
    ];
  });
  return independence(columns.flat());
}

/** Identifiability for sigmoid gates F = sigma(beta1 . x + beta0) h (arXiv 2405.13997). `weak`: all first derivatives of F in
 *  (beta1, beta0, eta) at random parameters. `strong` (regime 1): the derivatives of order one and two in (beta1, eta) at beta1 = 0. */
export function sigmoidDefinition(request: DefinitionRequest, kind: "weak" | "strong"): Independence {
  const { atoms, inputDim } = request;
  const { random, points } = wideBox(request);
  const expert = expertFunction(request.expert, inputDim, request.families);
  const x = inputs(points, inputDim);
  const columns = Array.from({ length: atoms }, (_, j) => {
    const slope = Float64Array.from({ length: inputDim }, () => (kind === "strong" ? 0 : signed(random)));
    const intercept = signed(random);
    const h = drawn(expert, random, points);
    const names = inAtom(expert.names, j);
    const score = new Float64Array(points.count).fill(intercept);
    x.forEach(({ values }, u) => values.forEach((value, i) => (score[i] += slope[u] * value)));
    const s = score.map((z) => 1 / (1 + Math.exp(-z)));
    const gate = named("sigma", s);
    const first = named(
      "sigma'",
      s.map((p) => p * (1 - p)),
    );
    const second = named(
      "sigma''",
      s.map((p) => p * (1 - p) * (1 - 2 * p)),
    );
    const value = named(`h(${j})`, h.value);
    const gradient = h.gradient.map((column, t) => named(`dh/${names[t]}`, column));
    const moved = x.map((column) => times(column, times(first, value)));
    const experts = gradient.map((one) => times(gate, one));
    if (kind === "weak") return [times(first, value), ...moved, ...experts];
    return [
      ...moved,
      ...experts,
      ...x.flatMap((left, u) => x.slice(u).map((right) => times(left, times(right, times(second, value))))),
      ...x.flatMap((column) => gradient.map((one) => times(column, times(first, one)))),
      ...hessians(h, names).map((one) => times(gate, one)),
    ];
  });
  return independence(columns.flat());
}

const named = (name: string, values: Float64Array): NamedColumn => ({ name, values });
const times = (a: NamedColumn, b: NamedColumn): NamedColumn =>
  named(
    `${a.name} ${b.name}`,
    a.values.map((value, i) => value * b.values[i]),
  );
const inAtom = (names: readonly string[], j: number): string[] => names.map((name) => `${name}(${j})`);

/** f, and its products with x_u (degree 1), x_u x_v (degree 2). */
function polynomials(f: NamedColumn, x: readonly NamedColumn[], degree: 1 | 2): NamedColumn[] {
  const linear = x.map((column) => times(column, f));
  const quadratic =
    degree === 2 ? x.flatMap((column, u) => linear.slice(u).map((other) => times(column, other))) : [];
  return [f, ...linear, ...quadratic];
}

function hessians(h: ExpertJet, names: readonly string[]): NamedColumn[] {
  return names.flatMap((left, s) =>
    names.slice(s).map((right, t) => named(`d2h/${left}${right}`, h.hessian(s, s + t))),
  );
}

function wideBox({ inputDim, points: count = 20_000, seed = 1, atoms }: DefinitionRequest): {
  random: Stream;
  points: Points;
} {
  const random = stream("identifiability", seed, inputDim, atoms);
  const points = new Float64Array(count * inputDim);
  random.fillUniform(points, 0, points.length);
  return { random, points: { points: points.map((value) => 6 * value - 3), count } };
}

/** Small parameters make spurious near-dependencies: sizes are drawn from [0.8, 2.2]. */
const signed = (random: Stream): number => (random.uniform() < 0.5 ? -1 : 1) * (0.8 + 1.4 * random.uniform());
const drawn = (of: ExpertFunction, random: Stream, points: Points): ExpertJet =>
  of.jet(
    Float64Array.from(of.names, () => signed(random)),
    points,
  );
const inputs = ({ points, count }: Points, inputDim: number): NamedColumn[] =>
  Array.from({ length: inputDim }, (_, u) => named(`x${u + 1}`, points.subarray(u * count, (u + 1) * count)));
