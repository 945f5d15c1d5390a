import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expectedSlope,
  verdict,
  type DecayChoice,
  type LawStatement,
  type RateEvidence,
} from "../src/index.ts";

const sizes = [1000, 4000, 16_000, 64_000];
const root: LawStatement = {
  kind: "power",
  exponent: -0.5,
  logExponent: 0,
  scope: "pointwise",
  statement: "n^-1/2",
};
const evidence = (low: number, high: number): RateEvidence => ({
  slope: (low + high) / 2,
  ci: [low, high],
  sizes,
});

function decided(law: DecayChoice["decided"]): DecayChoice {
  const advantage = law === "power" ? 12 : -12;
  return { fits: [], polynomial: { advantage, share: { share: 0.95, standardError: 0.01 } }, decided: law };
}

describe("verdict", () => {
  it("a narrow interval around the exponent is consistent, beside it inconsistent, a wide one inconclusive", () => {
    expect(verdict(evidence(-0.54, -0.46), root).verdict).toBe("consistent");
    expect(verdict(evidence(-0.44, -0.36), root).verdict).toBe("inconsistent");
    expect(verdict(evidence(-0.9, -0.1), root)).toMatchObject({
      verdict: "inconclusive",
      reason: expect.stringContaining("half-width 0.400 exceeds 0.100") as string,
    });
    expect(verdict(evidence(-0.34, -0.18), { ...root, exponent: -0.25 }).verdict).toBe("inconclusive");
  });

  it("a bound with its log factor is met by every faster decay and broken only by a clearly slower one", () => {
    const bound: LawStatement = { ...root, logExponent: 0.5, scope: "bound" };
    expect(expectedSlope(bound, [1e3, 1e4, 1e5])).toBeCloseTo(-0.445, 3);
    expect(expectedSlope({ exponent: -0.25, logExponent: 0.25 }, [1e3, 1e4, 1e5])).toBeCloseTo(-0.222, 3);
    expect(expectedSlope({ exponent: 0, logExponent: -1 }, [1e3, 1e4, 1e5])).toBeCloseTo(-0.11, 2);
    expect(verdict(evidence(-0.9, -0.6), bound).verdict).toBe("consistent");
    expect(verdict(evidence(-0.47, -0.4), bound).verdict).toBe("consistent");
    expect(verdict(evidence(-0.3, -0.2), bound).verdict).toBe("inconsistent");
  });

  it("never decides about a minimax statement, whatever was measured", () => {
    const interval = fc.tuple(
      fc.double({ min: -2, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    const kinds = fc.constantFrom<LawStatement["kind"]>("power", "slower-than-power", "not-identified");
    fc.assert(
      fc.property(interval, kinds, ([low, width], kind) => {
        const { verdict: word, reason } = verdict(evidence(low, low + width), {
          ...root,
          kind,
          scope: "minimax",
        });
        expect(word).toBe("inconclusive");
        expect(reason).not.toMatch(/refut|reject|contradict|disprov/i);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it("refuses with the reason where the design cannot answer, except that non-identification is visible as such", () => {
    const obstacles = [
      { kind: "too-many-atoms" as const, reason: "k = 5 exceeds 2k* - 1 = 3" },
      { kind: "unidentified" as const, reason: "flat" },
    ];
    const blocked = { ...evidence(-0.54, -0.46), obstacles };
    expect(verdict(blocked, root)).toEqual({ verdict: "refused", reason: "k = 5 exceeds 2k* - 1 = 3; flat" });
    const unidentified: LawStatement = { ...root, kind: "not-identified", exponent: null };
    expect(verdict({ ...evidence(-0.05, 0.04), obstacles }, unidentified).verdict).toBe("consistent");
    expect(
      verdict(
        { ...evidence(-0.05, 0.04), obstacles: [{ kind: "local-fits", reason: "local" }] },
        unidentified,
      ).verdict,
    ).toBe("refused");
    expect(verdict(evidence(-0.5, -0.4), { ...root, kind: "none" }).verdict).toBe("refused");
    expect(verdict({ slope: null, ci: null, sizes }, root).verdict).toBe("refused");
  });

  it("a loss that is said not to converge: flat is consistent, falling is not, both is inconclusive", () => {
    const law: LawStatement = { ...root, kind: "not-identified", exponent: null };
    expect(verdict(evidence(0.1, 0.3), law).verdict).toBe("consistent");
    expect(verdict(evidence(-0.5, -0.3), law).verdict).toBe("inconsistent");
    expect(verdict(evidence(-0.5, 0.3), law).verdict).toBe("inconclusive");
  });

  it("a falling median does not contradict a loss that is said not to converge unless its high quantile falls too", () => {
    const law: LawStatement = { ...root, kind: "not-identified", exponent: null };
    const median = evidence(-0.5, -0.3);
    const upper = (low: number, high: number) => ({ upper: { level: 0.9, ci: [low, high] as const } });
    const flatTail = verdict({ ...median, ...upper(-0.08, 0.2) }, law);
    expect(flatTail.verdict).toBe("consistent");
    expect(flatTail.reason).toMatch(/its 90 % quantile, slope in \[-0\.080, 0\.200\], does not fall/);
    expect(verdict({ ...median, ...upper(-0.4, -0.2) }, law).verdict).toBe("inconsistent");
    expect(verdict({ ...median, ...upper(-0.4, 0.2) }, law).verdict).toBe("inconclusive");
    expect(verdict({ ...evidence(-0.5, 0.3), ...upper(-0.05, 0.2) }, law).verdict).toBe("consistent");
  });

  it("a decay slower than every power is decided by the choice of laws alone", () => {
    const law: LawStatement = { ...root, kind: "slower-than-power", exponent: null };
    const slope = evidence(-0.12, -0.1);
    expect(verdict({ ...slope, decay: decided("log") }, law).verdict).toBe("consistent");
    expect(verdict({ ...slope, decay: decided("plateau") }, law).verdict).toBe("consistent");
    expect(verdict({ ...slope, decay: decided("power") }, law).verdict).toBe("inconsistent");
    expect(verdict({ ...slope, decay: decided(null) }, law).verdict).toBe("inconclusive");
    expect(verdict(slope, law).verdict).toBe("inconclusive");
  });

  it("uses the slope after the burn-in where the points bend, and decides nothing where all of them bend", () => {
    const bent = { ...evidence(-0.3, -0.2), curvaturePValue: 0.001 };
    const afterBurnIn = { fromN: 4000, slope: -0.5, ci: [-0.54, -0.46] as const };
    expect(verdict({ ...bent, afterBurnIn }, root)).toMatchObject({
      verdict: "consistent",
      reason: expect.stringContaining("from n = 4000 on") as string,
    });
    expect(verdict(bent, root).verdict).toBe("inconclusive");
    expect(verdict({ ...bent, curvaturePValue: 0.3 }, root).verdict).toBe("inconsistent");
  });

  it("does not judge slopes of fits of which fewer than 90 % are certified", () => {
    expect(verdict({ ...evidence(-0.54, -0.46), certifiedShare: 0.89 }, root).verdict).toBe("inconclusive");
    expect(verdict({ ...evidence(-0.54, -0.46), certifiedShare: 0.95 }, root).verdict).toBe("consistent");
  });
});
