import { createModel, type ExpertSpec, type GatingSpec } from "@moe-rates/mixture";
import { stream } from "@moe-rates/math";
import { describe, expect, test } from "vitest";
import { splitDirections, splitStart } from "../src/split-start.ts";
import { drawData, objectiveOn, tanhWithoutBias } from "./support/mixture-data.ts";

const data = drawData("split", 600);

const denseToSparse = (router: string) => ({ family: "dense-to-sparse", router });

describe.each<[string, GatingSpec, ExpertSpec]>([
  ["tanh experts without bias", "softmax", tanhWithoutBias],
  ["scaled tanh experts", "softmax", { family: "ffn", activation: "tanh", scale: true }],
  ["linear experts", "softmax", "linear"],
  ["normalised GELU experts", "softmax", { family: "ffn", activation: "gelu", normalise: true }],
  ["a linear router with a temperature", denseToSparse("linear"), tanhWithoutBias],
  ["a tanh router", denseToSparse("tanh"), "linear"],
  ["a GELU router", denseToSparse("gelu"), tanhWithoutBias],
  ["an mlp router", denseToSparse("mlp"), tanhWithoutBias],
  ["Laplace gates", { family: "laplace", smoothing: 0.5 }, tanhWithoutBias],
])("splitting an atom of a two-atom fit, %s", (_name, gating, expert) => {
  const small = createModel({ gating, expert, inputDim: 2, atoms: 2 });
  const large = createModel({ gating, expert, inputDim: 2, atoms: 3 });
  const random = stream("split start", JSON.stringify(expert));
  const theta = Float64Array.from({ length: small.parameterCount }, () => random.normal());
  for (const { bounds, parameter } of small.channels) if (bounds) theta[parameter] = 0.8;
  const sseOf = objectiveOn(small, data).value(theta);
  const directions = splitDirections(objectiveOn(small, data), theta);
  const value = (direction: (typeof directions)[number], length: number) =>
    objectiveOn(large, data).value(splitStart(small, theta, large, direction, length));

  test("leaves f as it is at length 0", () => {
    expect(directions).toHaveLength(2);
    for (const direction of directions) expect(value(direction, 0) / sseOf).toBeCloseTo(1, 12);
  });

  test("lowers S by eigenvalue * length^2, to fourth order, both ways", () => {
    for (const direction of directions) {
      const relativeError = (length: number) =>
        (sseOf - value(direction, length)) / (direction.eigenvalue * length ** 2) - 1;
      const reach = 0.4 / Math.max(1, ...direction.step.map((move) => 4 * Math.abs(move)));
      const [coarse, fine] = [relativeError(reach), relativeError(reach / 4)];
      expect(Math.abs(fine)).toBeLessThan(5e-3);
      expect(Math.abs(fine)).toBeLessThan(Math.max(1e-6, Math.abs(coarse) / 8));
      expect(value(direction, -reach) / value(direction, reach)).toBeCloseTo(1, 12);
    }
  });

  test("orders the atoms by eigenvalue, largest first", () => {
    expect(directions[0].eigenvalue).toBeGreaterThanOrEqual(directions[1].eigenvalue);
    expect(new Set(directions.map(({ atom }) => atom))).toEqual(new Set([0, 1]));
  });
});
