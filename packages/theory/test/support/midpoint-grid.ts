import type { Points } from "../../src/index.ts";

/** Midpoints of perAxis^d equal cells of [low, high]^d, last coordinate fastest. */
export function midpointGrid(inputDim: number, perAxis: number, low: number, high: number): Points {
  const count = perAxis ** inputDim;
  const points = new Float64Array(count * inputDim);
  for (let i = 0; i < count; i++) {
    for (let u = 0; u < inputDim; u++) {
      const step = Math.floor(i / perAxis ** (inputDim - 1 - u)) % perAxis;
      points[u * count + i] = low + ((high - low) * (step + 0.5)) / perAxis;
    }
  }
  return { points, count };
}
