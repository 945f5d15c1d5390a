#!/usr/bin/env node
/** One J'J + gradient evaluation through `createObjective` with the SIMD and the reference kernels, against a plain scalar loop and, where gcc
 *  exists, normal-equations.c built with -march=native and with SSE2 only, all in CPU time. Everything alternates round by round in one run; ratios are medians
 *  over rounds. Needs built packages: node tools/bench/normal-equations.mjs [rounds] */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { kernelHash, referenceKernels, simdKernels } from "../../packages/kernels/dist/index.js";
import { stream } from "../../packages/math/dist/index.js";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
} from "../../packages/mixture/dist/index.js";
import { plainLoop } from "./plain-loop.mjs";

const rounds = Number(process.argv[2] ?? 9);
const source = join(dirname(fileURLToPath(import.meta.url)), "normal-equations.c");
/** @typedef {{ms: number, squares: number, gradient: number, gram: number}} Result */

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
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

/** CPU milliseconds of this process: other work on the machine then costs far less accuracy. */
function cpuTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Median time of five runs of `inner` calls. @param {() => number} evaluate @param {number} inner */
function timed(evaluate, inner) {
  for (let i = 0; i < Math.max(3, 2 * inner); i++) evaluate();
  return () => {
    let squares = 0;
    const ms = Array.from({ length: 5 }, () => {
      const start = cpuTime();
      for (let i = 0; i < inner; i++) squares = evaluate();
      return (cpuTime() - start) / inner;
    });
    return { ms: median(ms), squares };
  };
}

/** @param {string} folder @param {ReturnType<typeof problem>} given @returns {Record<string, () => Result>} */
function native(folder, { n, x, y, theta }) {
  if (spawnSync("gcc", ["--version"]).status !== 0) return {};
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

/** @param {string} title @param {Record<string, () => Result>} contenders */
function compare(title, contenders) {
  /** @type {Record<string, Result[]>} */
  const results = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) (results[name] ??= []).push(run());
  }
  const ours = results["SIMD kernels"];
  process.stdout.write(`\n${title}, medians of ${rounds} rounds\n`);
  for (const [name, all] of Object.entries(results)) {
    const ratio = median(all.map(({ ms }, i) => ms / ours[i].ms));
    process.stdout.write(
      `${name.padEnd(28)} ${median(all.map(({ ms }) => ms))
        .toFixed(4)
        .padStart(10)} ms  ${ratio.toFixed(3)} x the SIMD kernels\n`,
    );
    if (name.includes("curvature")) continue;
    for (const key of /** @type {const} */ (["squares", "gradient", "gram"])) {
      const [value, other] = [all[0][key], ours[0][key]];
      if (Math.abs(value - other) > 1e-9 * Math.abs(other))
        throw new Error(`${name}: ${key} is ${value}, the SIMD kernels say ${other}`);
    }
  }
}

const folder = mkdtempSync(join(tmpdir(), "moe-rates-bench-"));
try {
  process.stdout.write(`${cpus()[0].model}, Node ${process.version}, ${kernelHash("simd")}\n`);
  for (const [n, d, k, inner] of [
    [100_000, 4, 4, 1],
    [1000, 4, 4, 50],
    [1000, 1, 3, 50],
  ]) {
    const given = problem(n, d, k);
    compare(`J'J + gradient, n = ${n}, d = ${d}, k = ${k}, ${given.theta.length} parameters`, {
      ...(n === 100_000 ? native(folder, given) : {}),
      "SIMD kernels": objective(given, simdKernels, inner),
      "SIMD kernels with curvature": objective(given, simdKernels, inner, true),
      "reference kernels": objective(given, referenceKernels, Math.ceil(inner / 5)),
      "plain scalar loop": plain(given, Math.ceil(inner / 5)),
    });
  }
} finally {
  rmSync(folder, { recursive: true });
}
