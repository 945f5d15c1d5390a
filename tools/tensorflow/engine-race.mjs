// Local fits from near the truth, one for each of R data sets: the fused solver alone against first steps of all of them on TensorFlow.js and the fused
// solver from there. Core-seconds until every sum of squares is within 1 % of the higher one of the two ends, and the means of both ends.
//
//   npm run build && node tools/tensorflow/engine-race.mjs [--backend tfjs-native] [--json FILE] [d,k,width,n,R ...]
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { costTable, presolveOptions, solveBatch } from "../../packages/engine-tfjs/dist/index.js";
import { createSolver, mixtureProblem, modelBox } from "../../packages/estimators/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import { coreSeconds, onBothEngines, openBackend, tanhMixture } from "./two-engines.mjs";

const noise = 0.1;
const box = 10;
const reached = 1.01;
/** Core-seconds that a solve in float64 may take. */
const most = 60;

const grid = [
  ...[1, 30].flatMap((sets) => [2000, 10_000].map((n) => [2, 2, 1, n, sets])),
  ...[1, 30].map((sets) => [4, 2, 4, 2000, sets]),
  [4, 2, 4, 10_000, 1],
  ...[1, 10].map((sets) => [8, 2, 8, 2000, sets]),
  [8, 2, 8, 10_000, 1],
  ...[2000, 10_000].map((n) => [8, 2, 16, n, 1]),
  [16, 2, 16, 2000, 1],
  [16, 2, 32, 4000, 1],
];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { backend: { type: "string", default: "tfjs-native" }, json: { type: "string", default: "" } },
});
const cases = positionals.length > 0 ? positionals.map((one) => one.split(",").map(Number)) : grid;
const { tf, name, version } = await openBackend(values.backend);
console.log(
  `${name} ${version}; the cost table of \`auto\` hands over from ${costTable.parametersFrom} parameters on`,
);
console.log(
  `| d | k | width | parameters | n | data sets | fused, core-s | ${name} first, core-s | ratio | S / sigma^2, fused | ${name} first |`,
);
/** @type {ReturnType<typeof race>[]} */
const rows = [];
for (const [inputDim, atoms, width, n, sets] of cases) {
  rows.push(race({ inputDim, atoms, width, n, sets }));
  if (values.json !== "")
    writeFileSync(values.json, `${JSON.stringify({ backend: name, version, rows }, null, 1)}\n`);
}

/** @typedef {{ seconds: number, sse: number }[]} Trace lower sums of squares as they were found */

/** @param {{ inputDim: number, atoms: number, width: number, n: number, sets: number }} size */
function race(size) {
  const { n, sets } = size;
  const model = tanhMixture(size);
  const p = model.parameterCount;
  const all = Array.from({ length: sets }, (_, set) => drawn(model, n, stream("race", p, n, set)));
  const engines = onBothEngines(tf, model, all);
  const solvers = engines.fused.map((objective) => traced(mixtureProblem(objective, box)));
  const starts = Float64Array.from(all.flatMap(({ start }) => [...start]));
  const options = presolveOptions(model);
  const kept = modelBox(model, box);
  solveBatch(tf, engines.tensors, starts, kept, { ...options, iterations: 2, products: 3 });
  engines.fused.forEach((objective, r) => objective.value(all[r].start));
  const fused = solvers.map(({ run }, r) => run(all[r].start, []));

  const traces = /** @type {Trace[]} */ (all.map(() => []));
  const began = coreSeconds();
  const values = (/** @type {Parameters<typeof engines.tensors.values>[0]} */ theta) => {
    const sums = engines.tensors.values(theta);
    traces.forEach((trace, r) => note(trace, coreSeconds() - began, sums[r]));
    return sums;
  };
  const found = solveBatch(tf, { ...engines.tensors, values }, starts, kept, options);
  const shared = coreSeconds() - began;
  const first = solvers.map(({ run }, r) => run(found.theta.slice(r * p, (r + 1) * p), traces[r], shared));
  engines.dispose();

  const ends = (/** @type {Trace[]} */ paths) => paths.map((path) => path.at(-1)?.sse ?? Infinity);
  const [fusedEnds, firstEnds] = [ends(fused), ends(first)];
  const targets = fusedEnds.map((sse, r) => reached * Math.max(sse, firstEnds[r]));
  const when = (/** @type {Trace} */ path, /** @type {number} */ r) =>
    path.find(({ sse }) => sse <= targets[r])?.seconds ?? Infinity;
  const firstTimes = first.map(when);
  const row = {
    ...size,
    parameters: p,
    fused: sum(fused.map(when)),
    // Steps of all data sets are taken together, what follows one after the other.
    first: Math.min(shared, Math.max(...firstTimes)) + sum(firstTimes.map((at) => Math.max(0, at - shared))),
    fusedEnd: sum(fusedEnds) / sets / noise ** 2,
    firstEnd: sum(firstEnds) / sets / noise ** 2,
  };
  const digits = (/** @type {number} */ value) => value.toPrecision(3);
  const shown = [row.fused, row.first, row.fused / row.first].map(digits);
  const ended = [row.fusedEnd, row.firstEnd].map((value) => value.toFixed(0));
  console.log(`| ${[size.inputDim, size.atoms, size.width, p, n, sets, ...shown, ...ended].join(" | ")} |`);
  return row;
}

/** Observations of a random truth, and a start at distance 0.1 sqrt(p) of it.
 *  @param {import("../../packages/mixture/dist/index.js").MixtureModel} model
 *  @param {number} n @param {import("../../packages/math/dist/index.js").Stream} random */
function drawn(model, n, random) {
  const truth = Float64Array.from({ length: model.parameterCount }, () => 0.7 * random.normal());
  const x = Float64Array.from({ length: n * model.inputDim }, () => 6 * random.uniform() - 3);
  const y = new Float64Array(n);
  model.regression(truth, x, n, y);
  for (let i = 0; i < n; i++) y[i] += noise * random.normal();
  return { x, y, start: truth.map((value) => value + 0.1 * random.normal()) };
}

/** The float64 solver with a trace of its sums of squares; `before` is what had been found after so many core-seconds.
 *  @param {import("../../packages/estimators/dist/index.js").LeastSquaresProblem} problem */
function traced(problem) {
  let trace = /** @type {Trace} */ ([]);
  let began = 0;
  const solver = createSolver({
    ...problem,
    derivatives(...given) {
      const sse = problem.derivatives(...given);
      note(trace, coreSeconds() - began, sse);
      return sse;
    },
  });
  /** @param {Float64Array} start @param {Trace} before @param {number} [after] */
  const run = (start, before, after = 0) => {
    trace = [...before];
    began = coreSeconds() - after;
    const limit = coreSeconds() + most;
    solver.solve(start, { gaussNewtonSteps: after > 0 ? 0 : 8, cancelled: () => coreSeconds() > limit });
    return trace;
  };
  return { run };
}

/** @param {Trace} trace @param {number} seconds @param {number} sse */
function note(trace, seconds, sse) {
  if (!(sse >= (trace.at(-1)?.sse ?? Infinity))) trace.push({ seconds, sse });
}

/** @param {readonly number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, one) => total + one, 0);
}
