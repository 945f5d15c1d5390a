import { componentErrors, measureKind, ownLoss, voronoiLoss, type VoronoiLossName } from "@moe-rates/losses";
import { stream } from "@moe-rates/math";
import { type Families, type MixingMeasure, type MixtureModel, shippedFamilies } from "@moe-rates/mixture";
import type { Points } from "./model-jet.ts";
import { pinnedProblem } from "./pinned-problem.ts";
import { exactPaths, massPaths, splitPaths, type ProfilePath } from "./profile-paths.ts";
import { sharpTest } from "./sharp-test.ts";
import { witnesses } from "./witnesses.ts";

/** Largest value of a quantity among measures whose regression function is within epsilon of the truth's. */
export interface ProfileQuantity {
  /** A loss (`voronoi-d1`), the unpowered atom distance (`voronoi-d2:1` and its kin), or an error of `components`. */
  readonly quantity: string;
  /** D_max at every epsilon; a lower bound, as good as the search. */
  readonly values: readonly number[];
  /** Slopes of log D_max on log epsilon between neighbouring epsilons. */
  readonly local: readonly number[];
  /** `power`: the slope over the last decade and a half. `plateau`: it does not fall, and other parameters have the same function.
   *  `unclear`: between the two. */
  readonly verdict: "power" | "plateau" | "unclear";
  readonly exponent: number | null;
}

/** The noise-free certificate of a truth at one number of atoms. */
export interface Profile {
  readonly atoms: number;
  /** Root mean squares of f_G - f_G*, decreasing. */
  readonly epsilons: readonly number[];
  readonly quantities: readonly ProfileQuantity[];
}

export interface ProfileRequest {
  readonly model: MixtureModel;
  readonly theta: Float64Array;
  readonly points: Points;
  /** Fitted atoms beyond the truth's; with groups per group. */
  readonly extra: number;
  readonly box: number;
  readonly epsilons?: readonly number[];
  readonly seed?: number;
  readonly families?: Families;
}

/** 10^-3 to 10^-11, two a decade. */
export const defaultEpsilons: readonly number[] = Array.from({ length: 17 }, (_, i) => 10 ** (-3 - i / 2));

/** Quantities that are never larger are rounding. */
const NOTHING = 1e-9;
/** Slopes below the first are flat; those between the two are neither flat nor a power that any theory knows. */
const PLATEAU = 0.05;
const POWER = 0.2;
/** Local slopes of a power differ from it by less. */
const STEADY = 0.08;

/**
 * D_max(epsilon) = max { D(G, G*) : ||f_G - f_G*|| <= epsilon } over the box, without noise. The frontier is traced along paths that leave the truth:
 * every eigendirection of the Jacobian, halves of every atom parting (from the weakest direction of the sharp test and from every parameter), spare
 * atoms that gain mass; along each the distance is minimised with one linear function of the parameters held at a growing target, warm-started. The
 * exact counter-examples of `witnesses` are added. D falls like epsilon^s: a least-squares fit has the rate n^(-s/2); a plateau: it does not converge.
 */
export function profile(request: ProfileRequest): Profile {
  const { model, theta, points, extra, box, families = shippedFamilies, seed = 1 } = request;
  const epsilons = request.epsilons ?? defaultEpsilons;
  const truth = new Float64Array(points.count);
  model.regression(theta, points.points, points.count, truth);
  const reference = model.measure(theta);
  const paths =
    extra === 0
      ? exactPaths(model, theta, points, box)
      : [
          ...splitPaths(model, theta, weakest(request, families), extra, families, box),
          ...(extra === 1 ? massPaths(model, theta, 6, box, stream("profile", seed), families) : []),
        ];
  const curves = paths.map((path) => trace(path, points, truth, box, reference));
  const atoms = paths[0]?.model.atoms ?? model.atoms + extra;
  for (const witness of witnesses(model, theta, points, families)) {
    if (witness.k > atoms) continue;
    curves.push([
      { distance: witness.residual, errors: errorsOf(witness.model.measure(witness.theta), reference) },
    ]);
  }
  const names = [...new Set(curves.flatMap((curve) => curve.flatMap(({ errors }) => Object.keys(errors))))];
  const quantities = names.map((name) => quantityOf(name, curves, epsilons));
  return {
    atoms,
    epsilons,
    quantities: quantities.filter(({ values }) => values[0] > NOTHING),
  };
}

interface FrontierPoint {
  readonly distance: number;
  readonly errors: Readonly<Record<string, number>>;
}

function weakest({ model, theta, points, extra }: ProfileRequest, families: Families) {
  return sharpTest(model, theta, points, extra, families).second;
}

function trace(
  { model, origin, pin, direction, targets }: ProfilePath,
  points: Points,
  truth: Float64Array,
  box: number,
  reference: MixingMeasure,
): FrontierPoint[] {
  const problem = pinnedProblem(model, points, truth, box);
  const zero = pin.reduce((sum, w, i) => sum + w * origin[i], 0);
  const found: FrontierPoint[] = [];
  let last = origin;
  let done = 0;
  for (const target of targets) {
    const step = done === 0 ? target : target - done;
    const start =
      done === 0 || targets[0] >= 1
        ? last.map((value, i) => value + step * direction[i])
        : origin.map((value, i) => value + ((last[i] - value) * target) / done);
    const solution = problem.solve(start, pin, zero + target);
    const distance = problem.distance(solution);
    if (!Number.isFinite(distance)) break;
    found.push({ distance, errors: errorsOf(model.measure(solution), reference) });
    last = solution;
    done = target;
  }
  return found;
}

/** The paper's loss, the unpowered atom distance, and every error without weights. */
function errorsOf(fitted: MixingMeasure, truth: MixingMeasure): Record<string, number> {
  const kind = measureKind(truth);
  const unpowered: Record<string, VoronoiLossName> = {
    "dense-to-sparse": "voronoi-d3:1",
    hierarchical: "voronoi-d6:1",
    sigmoid: "sigmoid-d2:1",
  };
  const losses: VoronoiLossName[] = [ownLoss(kind), unpowered[kind] ?? "voronoi-d2:1"];
  if (kind === "dense-to-sparse" && truth.gauge === "translation") losses.push("voronoi-d1");
  return {
    ...Object.fromEntries(losses.map((name) => [name, voronoiLoss(name, fitted, truth).total])),
    ...componentErrors(fitted, truth),
  };
}

function quantityOf(
  quantity: string,
  curves: readonly FrontierPoint[][],
  epsilons: readonly number[],
): ProfileQuantity {
  const values = epsilons.map((epsilon) =>
    Math.max(0, ...curves.map((curve) => within(curve, quantity, epsilon))),
  );
  const local = values.slice(1).map((value, i) => slope([epsilons[i], epsilons[i + 1]], [values[i], value]));
  const [smallest] = epsilons.slice(-1);
  const tail = epsilons.map((_, i) => i).filter((i) => epsilons[i] <= 32 * smallest);
  const exponent = slope(
    tail.map((i) => epsilons[i]),
    tail.map((i) => values[i]),
  );
  const plateau = Math.abs(exponent) < PLATEAU && values[values.length - 1] > 0;
  const steady = exponent >= POWER && tail.slice(1).every((i) => Math.abs(local[i - 1] - exponent) < STEADY);
  return {
    quantity,
    values,
    local,
    verdict: plateau ? "plateau" : steady ? "power" : "unclear",
    exponent: plateau || !Number.isFinite(exponent) ? null : exponent,
  };
}

/** Largest value on a curve where the distance is at most epsilon, log-log interpolated where it crosses. */
function within(curve: readonly FrontierPoint[], quantity: string, epsilon: number): number {
  let most = 0;
  curve.forEach(({ distance, errors }, i) => {
    const value = errors[quantity];
    if (value === undefined) return;
    if (distance <= epsilon) most = Math.max(most, value);
    const next = curve[i + 1];
    const nextValue = next?.errors[quantity];
    if (next === undefined || nextValue === undefined || !(distance > 0 && next.distance > 0)) return;
    if (distance <= epsilon === next.distance <= epsilon || !(value > 0 && nextValue > 0)) return;
    const share = Math.log(epsilon / distance) / Math.log(next.distance / distance);
    most = Math.max(most, value * (nextValue / value) ** share);
  });
  return most;
}

/** Least-squares slope of log y on log x. */
function slope(x: readonly number[], y: readonly number[]): number {
  const [lx, ly] = [x.map(Math.log), y.map(Math.log)];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(lx), mean(ly)];
  const above = lx.reduce((sum, value, i) => sum + (value - mx) * (ly[i] - my), 0);
  return above / lx.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}
