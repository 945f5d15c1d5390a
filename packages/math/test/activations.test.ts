import { describe, expect, it } from "vitest";
import { activations, derivativeByDifferences, type ActivationName } from "../src/index.ts";
import { fixture, relativeError } from "./ulps.ts";

const golden = fixture("activations") as Record<string, [number, number, number, number][]>;

describe.each(Object.keys(golden))("%s", (name) => {
  const activation = activations[name as ActivationName];
  it("has value, first and second derivative within a relative 3e-15 of 50-digit values, tails included", () => {
    for (const [u, value, first, second] of golden[name]) {
      // Near a root of a derivative (gelu) only the absolute error can be small.
      const error = (got: number, expected: number) =>
        Math.min(relativeError(got, expected), Math.abs(u) < 5 ? Math.abs(got - expected) : Infinity);
      const found = [
        error(activation.value(u), value),
        error(activation.first(u), first),
        error(activation.second(u), second),
      ];
      expect(Math.max(...found), `u = ${u}: ${found.join(", ")}`).toBeLessThan(3e-15);
    }
  });
});

describe.each(Object.entries(activations))("%s", (_, activation) => {
  it("has derivatives that agree with central differences", () => {
    for (const u of [-3.1, -0.7, 0.3, 1.9, 4.2]) {
      expect(activation.first(u)).toBeCloseTo(derivativeByDifferences(activation.value, u), 8);
      expect(activation.second(u)).toBeCloseTo(derivativeByDifferences(activation.first, u), 8);
    }
  });
  it("has finite derivatives at extreme arguments", () => {
    for (const u of [-1e300, -750, 750, 1e300]) {
      expect([activation.value(u), activation.first(u), activation.second(u)].every(Number.isFinite)).toBe(
        true,
      );
    }
  });
});

describe("relu", () => {
  it("is flat at 0, from the left", () =>
    expect([activations.relu.value(0), activations.relu.first(0)]).toEqual([0, 0]));
});
