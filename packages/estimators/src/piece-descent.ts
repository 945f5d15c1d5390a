import type { Stream } from "@moe-rates/math";
import type { MixtureModel } from "@moe-rates/mixture";
import type { FitData } from "./screening-data.ts";
import type { Solver, SolverOptions, SolverResult } from "./trust-region.ts";

const MOST_SWEEPS = 8;
/** Every one of so many pieces on either side along a line is tried, then every one after as many again. */
const NEAREST = 16;

/** Lowers S across the borders between the pieces of a top-K fit, where derivatives say nothing: along every gate parameter and as many random
 *  directions it looks up where single observations change their set of active atoms, evaluates S in the pieces between (all of the nearest ones, then ever fewer), moves to
 *  the best, and minimises within that piece; sweep after sweep until none lowers S. Returns `from` where nothing does. It is a local search: pieces are
 *  too many to try them all. */
export function descendPieces(request: {
  readonly model: MixtureModel;
  readonly data: FitData;
  readonly solver: Solver;
  readonly from: SolverResult;
  readonly random: Stream;
  readonly options: Partial<SolverOptions>;
}): SolverResult {
  const { model, data, solver, random, options } = request;
  const gate = model.channels.flatMap(({ part, parameter, terms }) =>
    part === "gate" ? Array.from({ length: terms }, (_, t) => parameter + t) : [],
  );
  let best = request.from;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    const before = best.sse;
    const size = Math.max(1e-3, ...gate.map((i) => Math.abs(best.theta[i])));
    const lines = gate.flatMap((i) => {
      const axis = new Float64Array(model.parameterCount);
      axis[i] = size;
      const mixed = new Float64Array(model.parameterCount);
      for (const j of gate) mixed[j] = size * random.normal();
      return [axis, mixed];
    });
    for (const line of lines) {
      let moved: { theta: Float64Array; sse: number } | undefined;
      for (const length of pieceLengths(model, data, best.theta, line)) {
        const theta = best.theta.map((value, i) => value + length * line[i]);
        const inside = theta.every(
          (value, i) => value >= solver.problem.lower[i] && value <= solver.problem.upper[i],
        );
        const sse = inside ? solver.problem.value(theta) : Infinity;
        if (sse < (moved?.sse ?? best.sse)) moved = { theta, sse };
      }
      if (!moved) continue;
      const settled = solver.solve(moved.theta, options);
      best = settled.sse <= moved.sse ? settled : { ...best, ...moved };
    }
    if (options.cancelled?.() || !(best.sse < before)) break;
  }
  return best;
}

/** Steps along a line that end in different pieces: midpoints between neighbouring crossings of ranks at single observations, outwards from 0. */
function pieceLengths(
  model: MixtureModel,
  { x, y, inputDim }: FitData,
  theta: Float64Array,
  line: Float64Array,
): number[] {
  const { ranked = [], activeAtoms = model.atoms } = model.gating;
  const n = y.length;
  const rankOf = (at: Float64Array, atom: number, row: number): number => {
    let rank = 0;
    for (const c of ranked[atom]) {
      const { basis, terms, parameter } = model.channels[c];
      for (let t = 0; t < terms; t++)
        rank += at[parameter + t] * (basis + t === inputDim ? 1 : x[(basis + t) * n + row]);
    }
    return rank;
  };
  const crossings: number[] = [];
  const ranks = new Float64Array(model.atoms);
  const slopes = new Float64Array(model.atoms);
  for (let row = 0; row < n; row++) {
    for (let j = 0; j < model.atoms; j++) {
      ranks[j] = rankOf(theta, j, row);
      slopes[j] = rankOf(line, j, row);
    }
    const order = Array.from(ranks.keys()).sort((a, b) => ranks[b] - ranks[a] || a - b);
    for (const active of order.slice(0, activeAtoms)) {
      for (const other of order.slice(activeAtoms)) {
        const length = (ranks[active] - ranks[other]) / (slopes[other] - slopes[active]);
        if (Number.isFinite(length)) crossings.push(length);
      }
    }
  }
  const side = (sign: number): number[] => {
    const found = crossings.filter((length) => sign * length > 0).sort((a, b) => sign * (a - b));
    const lengths: number[] = [];
    for (let at = 0; at + 1 < found.length; at += Math.max(1, Math.floor(at / NEAREST)))
      lengths.push((found[at] + found[at + 1]) / 2);
    return lengths;
  };
  return [...side(1), ...side(-1)];
}
