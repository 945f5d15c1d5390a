/** One J'J + gradient evaluation through `createObjective` with the SIMD and the reference kernels, against a plain scalar loop and, where gcc
 *  exists, normal-equations.c built with -march=native and with SSE2 only, all in CPU time. Everything alternates round by round; ratios are medians
 *  over rounds. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { referenceKernels, simdKernels } from "../../../packages/kernels/dist/index.js";
import { stream } from "../../../packages/math/dist/index.js";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
} from "../../../packages/mixture/dist/index.js";
import { plainLoop } from "../plain-loop.mjs";
import { cpuSeconds, digits, median } from "../statistics.mjs";

const source = fileURLToPath(new URL("../normal-equations.c", import.meta.url));
/** @typedef {{ms: number, squares: number, gradient: number, gram: number}} Result */

/** @param {ArrayLike<number>} values */
const sumOfSquares = (values) => Array.from(values).reduce((sum, value) => sum + value * value, 0);

/** @param {number} n @param {number} d @param {number} k */
function problem(n, d, k) {
  const random = stream("normal-equations benchmark", n, d, k);
  const x = new Float64Array(n * d).map(() => 4 * random.uniform() - 2);
  const y = new Float64Array(n).map(() => random.normal());
  const vector = () => Array.from({ length: d }, () => random.normal());
  const atoms = Array.from({ length: k }, () => ({
    beta1: vector(),
    beta0: random.normal(),
    a: vector(),
    b: random.normal(),
    lambda: random.normal(),
  }));
  const theta = Float64Array.from(
    atoms.flatMap(({ beta1, beta0, a, b, lambda }) => [...beta1, beta0, ...a, b, lambda]),
  );
  return { n, d, k, x, y, atoms, theta };
}

/** @param {ReturnType<typeof problem>} given @param {typeof referenceKernels} create @param {number} inner @param {boolean} second */
function objective({ n, d, k, x, y, atoms }, create, inner, second = false) {
  const model = createModel({
    gating: "softmax",
    expert: { family: "ffn", activation: "tanh", scale: true },
    inputDim: d,
    atoms: k,
  });
  const kernels = create(dataDoubles(n, d, false) + objectiveDoubles(model, d + 1) + 64);
  const columns = Float64Array.from({ length: n * d }, (_, i) => x[(i % n) * d + Math.floor(i / n)]);
  const target = createObjective(
    model,
    loadData(kernels, { x: columns, y, inputDim: d, normalised: false }),
    kernels,
  );
  const p = model.parameterCount;
  const theta = model.pack(atoms);
  const [gradient, norms, hessian] = [new Float64Array(p), new Float64Array(p), new Float64Array(p * p)];
  const run = timed(() => target.derivatives(theta, gradient, norms, hessian, second), inner);
  return () => ({ ...run(), gradient: sumOfSquares(gradient), gram: sumOfSquares(hessian) });
}

/** @param {ReturnType<typeof problem>} given @param {number} inner */
function plain({ d, k, x, y, theta }, inner) {
  const loop = plainLoop(x, y, theta, d, k);
  const p = theta.length;
  const run = timed(loop.evaluate, inner);
  return () => ({
    ...run(),
    gradient: sumOfSquares(loop.gradient),
    gram: 2 * sumOfSquares(loop.gram) - sumOfSquares(loop.gradient.map((_, i) => loop.gram[i * p + i])),
  });
}

/** Median time of five runs of `inner` calls. @param {() => number} evaluate @param {number} inner */
function timed(evaluate, inner) {
  for (let i = 0; i < Math.max(3, 2 * inner); i++) evaluate();
  return () => {
    let squares = 0;
    const ms = Array.from({ length: 5 }, () => {
      const start = cpuSeconds();
      for (let i = 0; i < inner; i++) squares = evaluate();
      return (1e3 * (cpuSeconds() - start)) / inner;
    });
    return { ms: median(ms), squares };
  };
}

/** @param {string} folder @param {ReturnType<typeof problem>} given @returns {Record<string, () => Result>} */
function native(folder, { n, x, y, theta }) {
  const data = join(folder, "data.f64");
  writeFileSync(data, "");
  for (const part of [x, y, theta]) writeFileSync(data, new Uint8Array(part.buffer), { flag: "a" });
  return Object.fromEntries(
    [
      ["C -march=native", "-march=native"],
      ["C SSE2", "-msse2"],
    ].map(([name, flag]) => {
      const program = join(folder, name.replaceAll(" ", ""));
      execFileSync("gcc", ["-O3", flag, "-ffast-math", source, "-o", program, "-lm", "-lmvec"]);
      return [
        name,
        () => {
          const { ms, ...sums } = JSON.parse(
            execFileSync(program, [data, String(n), "9"], { encoding: "utf8" }),
          );
          return { ms: median(ms), ...sums };
        },
      ];
    }),
  );
}

/** @typedef {ReturnType<ReturnType<typeof import("../report.mjs").createReport>["table"]>} PrintedTable */

/** Adds the rows of one size. @param {PrintedTable} table @param {string} size @param {Record<string, () => Result>} contenders @param {number} rounds */
function compare(table, size, contenders, rounds) {
  /** @type {Record<string, Result[]>} */
  const results = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) (results[name] ??= []).push(run());
  }
  const ours = results["SIMD kernels"];
  for (const [name, all] of Object.entries(results)) {
    const ratio = median(all.map(({ ms }, i) => ms / ours[i].ms));
    table.row(size, name, digits(median(all.map(({ ms }) => ms))), digits(ratio));
    if (name.includes("curvature")) continue;
    for (const key of /** @type {const} */ (["squares", "gradient", "gram"])) {
      const [value, other] = [all[0][key], ours[0][key]];
      if (Math.abs(value - other) > 1e-9 * Math.abs(other))
        throw new Error(`${name}: ${key} is ${value}, the SIMD kernels say ${other}`);
    }
  }
}

/** @type {import("../parts.mjs").RunPart} */
export function run(report, { quick, rounds: asked }) {
  const rounds = asked ?? (quick ? 1 : 9);
  const gcc = spawnSync("gcc", ["-dumpfullversion"], { encoding: "utf8" });
  if (gcc.status === 0) report.uses(`gcc ${gcc.stdout.trim()}`);
  else report.skip("the rows in C: gcc is not there");
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-bench-"));
  try {
    const table = report.table(
      `One J'J and gradient in float64, softmax gates, scaled one-unit tanh experts with bias; CPU time, medians of ${rounds} alternating rounds. All give the same sums to 1e-9.`,
      ["size", "implementation", "ms", "times the SIMD kernels"],
    );
    const sizes = quick
      ? [[1000, 4, 4, 5]]
      : [
          [100_000, 4, 4, 1],
          [1000, 4, 4, 50],
          [1000, 1, 3, 50],
        ];
    for (const [n, d, k, inner] of sizes) {
      const given = problem(n, d, k);
      const size = `n = ${n.toLocaleString("en-US")}, d = ${d}, k = ${k}, ${given.theta.length} parameters`;
      const contenders = {
        ...(gcc.status === 0 && d === 4 && k === 4 ? native(folder, given) : {}),
        "SIMD kernels": objective(given, simdKernels, inner),
        "SIMD kernels with curvature": objective(given, simdKernels, inner, true),
        "reference kernels": objective(given, referenceKernels, Math.ceil(inner / 5)),
        "plain scalar loop": plain(given, Math.ceil(inner / 5)),
      };
      compare(table, size, contenders, rounds);
    }
    const empty = callNanoseconds(quick ? 1e4 : 1e6);
    table.note(`An empty call from JavaScript into WebAssembly takes ${digits(empty)} ns.`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Nanoseconds of a kernel call that has no samples to work on. @param {number} calls */
function callNanoseconds(calls) {
  const { multiply } = simdKernels(8);
  const run = timed(() => {
    for (let i = 0; i < calls; i++) multiply(0, 0, 0, 0);
    return 0;
  }, 1);
  return (1e6 * run().ms) / calls;
}
