import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { bestKernels, compileSimdModule, kernelHash, simdKernels, simdSupported } from "../src/index.ts";
import { generate } from "../tools/build-wasm.mjs";

test("the checked-in module is what its sources compile to, byte for byte", async () => {
  expect(await generate()).toBe(readFileSync(new URL("../src/simd/module-text.ts", import.meta.url), "utf8"));
});

test("one compiled module serves many memories and other threads", async () => {
  const module = compileSimdModule();
  const kernels = [1, 2].map(() => simdKernels(1000, module));
  kernels[0].memory.f64.fill(7);
  expect(kernels[1].memory.f64.some((value) => value === 7)).toBe(false);
  const worker = new Worker(
    `const { parentPort, workerData } = require("node:worker_threads");
     const memory = new WebAssembly.Memory({ initial: 17 });
     const { exports } = new WebAssembly.Instance(workerData, { env: { memory } });
     const f64 = new Float64Array(memory.buffer);
     for (let i = 0; i < 256; i++) f64[131072 + i] = Math.fround(Math.sin(i) * 30);
     exports.exp(131328, 131072, 256);
     parentPort.postMessage(f64.slice(131328, 131584));`,
    { eval: true, workerData: module },
  );
  const there = await new Promise<Float64Array>((resolve, reject) =>
    worker.once("message", resolve).once("error", reject),
  );
  const { memory, exp } = simdKernels(1000, module);
  const at = memory.allocate(512);
  for (let i = 0; i < 256; i++) memory.f64[at + i] = Math.fround(Math.sin(i) * 30);
  exp(at + 256, at, 256);
  expect(there).toEqual(memory.f64.slice(at + 256, at + 512));
});

test("the best kernels are the SIMD ones where they are supported", () => {
  expect(simdSupported()).toBe(true);
  expect(bestKernels(100).name).toBe("simd");
});

test("memory holds exactly what was asked for, below 4 GiB", () => {
  const { memory } = simdKernels(1000);
  memory.allocate(1000);
  expect(() => memory.allocate(1)).toThrow(RangeError);
  expect(() => simdKernels(2 ** 29)).toThrow(
    "kernel memory of 536870912 doubles exceeds the 4 GiB of WebAssembly",
  );
});

test("the hash names the arithmetic", () => {
  expect(kernelHash("simd")).toMatch(/^simd-[0-9a-f]{16}$/);
  expect(kernelHash("reference")).toMatch(/^reference-\d+$/);
});
