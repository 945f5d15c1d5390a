import { describe, expect, it } from "vitest";
import { nextRound, slopeVariance, seriesSample, rememberCounts, type TargetState } from "../src/index.ts";
import { logSizes, syntheticColumns } from "./synthetic-rows.ts";

const sizes = logSizes(1000, 64_000, 7);
const countsFor = rememberCounts();

function state(counts: readonly number[], options: Partial<TargetState> = {}): TargetState {
  const full = syntheticColumns(["round"], { sizes, replicates: 200 }, (z, n) => n ** -0.5 * Math.exp(z));
  const points = full.points.map((point, p) => ({
    ...point,
    replicates: point.replicates.slice(0, counts[p]),
    values: point.values.slice(0, counts[p]),
    certified: point.certified.slice(0, counts[p]),
  }));
  const sample = seriesSample({ ...full, points }, "all");
  return { sample, statistic: "mean", counts, costs: sizes, halfWidth: 0.05, max: 400, ...options };
}

const twenty = sizes.map(() => 20);

describe("nextRound", () => {
  it("stops when the half-width is reached and when every size has its most replicates", () => {
    expect(nextRound(state(twenty, { halfWidth: 10 }))).toMatchObject({ state: "met", counts: twenty });
    expect(nextRound(state(twenty, { max: 20 }))).toMatchObject({ state: "capped", counts: twenty });
  });

  it("adds replicates for at most half the cost so far, never takes any away, and keeps to the most", () => {
    const { state: word, counts } = nextRound(state(twenty, { halfWidth: 0.001, max: 30 }));
    expect(word).toBe("continue");
    counts.forEach((count, p) => expect(count).toBeGreaterThanOrEqual(twenty[p]));
    expect(Math.max(...counts)).toBeLessThanOrEqual(30);
    const cost = (some: readonly number[]): number =>
      some.reduce((sum, count, p) => sum + count * sizes[p], 0);
    expect(cost(counts) - cost(twenty)).toBeGreaterThan(0);
    expect(cost(counts)).toBeLessThan(1.75 * cost(twenty));
  });

  it("favours the sizes that cost little, and all alike where the cost is alike", () => {
    const dear = nextRound(state(twenty, { halfWidth: 0.001 })).counts;
    expect(dear[0]).toBeGreaterThan(dear[6]);
    const alike = nextRound(state(twenty, { halfWidth: 0.001, costs: sizes.map(() => 1) })).counts;
    expect(alike[0] + alike[6]).toBeGreaterThan(2 * alike[3]);
  });

  it("gives the same decision from the same rows in any order", () => {
    const forward = state(twenty, { statistic: "median" });
    const backward = state(twenty, { statistic: "median" });
    const shuffled = {
      ...backward,
      sample: { ...backward.sample, values: backward.sample.values.map((v) => v.slice()) },
    };
    expect(nextRound(forward, countsFor(20))).toEqual(nextRound(shuffled));
  });

  it("adds to every size while there is no interval yet", () => {
    const one = sizes.map(() => 1);
    const { state: word, halfWidth, counts } = nextRound(state(one));
    expect([word, halfWidth]).toEqual(["continue", null]);
    expect(Math.min(...counts)).toBeGreaterThan(1);
  });
});

describe("slopeVariance", () => {
  it("is that of a simulated slope with shared replicates", () => {
    const x = [0, 1, 2];
    const counts = [8, 4, 4];
    const covariance = [
      [1, 0.5, 0.2],
      [0.5, 1, 0.5],
      [0.2, 0.5, 1],
    ];
    const centre = (4 + 8) / 16;
    const c = x.map((u, p) => counts[p] * (u - centre));
    const sxx = c.reduce((sum, one, p) => sum + one * (x[p] - centre), 0);
    let direct = 0;
    for (let p = 0; p < 3; p++)
      for (let q = 0; q < 3; q++) {
        const shared = Math.min(counts[p], counts[q]);
        direct += (c[p] * c[q] * covariance[p][q] * shared) / (counts[p] * counts[q]) / sxx ** 2;
      }
    expect(slopeVariance(x, counts, covariance)).toBeCloseTo(direct, 13);
  });
});
