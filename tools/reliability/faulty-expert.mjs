/** An expert family that goes wrong on order, for `--plugin`: h(x) = a . x + b, except that with FAULT in the environment a block with the rest of a sample of
 *  FAULT_N observations throws, exits, aborts, hangs, takes all memory or returns NaN, or waits until there is a file
 *  FAULT_GATE, so that a run stands still there on any machine (FAULT_GATE.reached says that it does). Such a block is known by the equal values of its unused places. */
import { existsSync, writeFileSync } from "node:fs";

const blockSize = 256;
const unused = blockSize - (Number(process.env.FAULT_N ?? 0) % blockSize);

/** @param {Float64Array} f64 @param {number} from */
function unusedPlaces(f64, from) {
  const last = from + blockSize - 1;
  let place = last;
  while (place > from && f64[place - 1] === f64[last]) place -= 1;
  return last - place + 1;
}

/** @type {Record<string, () => void>} */
const faults = {
  throw() {
    throw new RangeError("a fit that fails on order");
  },
  exit: () => process.exit(7),
  abort() {
    process.kill(process.pid, "SIGABRT");
    for (;;);
  },
  hang() {
    for (;;);
  },
  wait() {
    const gate = process.env.FAULT_GATE ?? "";
    if (existsSync(gate)) return;
    writeFileSync(`${gate}.reached`, "");
    const nobody = new Int32Array(new SharedArrayBuffer(4));
    while (!existsSync(gate)) Atomics.wait(nobody, 0, 0, 20);
  },
  memory() {
    for (const kept = []; ;) kept.push(Array.from({ length: 1e5 }));
  },
};

export const experts = {
  faulty: {
    name: "faulty",
    description: "a linear expert that goes wrong on order",
    options: {},
    /** @param {number} inputDim */
    atomFields: (inputDim) => [
      { name: "a", length: inputDim },
      { name: "b", length: null },
    ],
    create: () => ({
      family: "faulty",
      channels: [{ basis: "affine", slope: "a", intercept: "b" }],
      secondPairs: [],
      /** @param {{ memory: { f64: Float64Array } }} kernels @param {{ channels: number[], value: number, first: number[] }} columns @param {number} n @param {number} order */
      evaluate({ memory: { f64 } }, { channels, value, first }, n, order) {
        const sick = process.env.FAULT !== undefined && unusedPlaces(f64, channels[0] ?? 0) === unused;
        const broken = sick ? process.env.FAULT : undefined;
        if (broken !== undefined) faults[broken]?.();
        for (let i = 0; i < n; i++)
          f64[value + i] = broken === "nan" ? NaN : (f64[(channels[0] ?? 0) + i] ?? 0);
        if (order >= 1) for (let i = 0; i < n; i++) f64[(first[0] ?? 0) + i] = 1;
      },
    }),
  },
};
