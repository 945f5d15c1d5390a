import { describe, expect, test } from "vitest";
import type { JudgedRate } from "../src/inference/judged-rates.ts";
import type { NamedComparison } from "../src/inference/read-comparisons.ts";
import { plantedStore, plantedStudy, type Planted } from "./planted-store.ts";
import { command, temporaryFolder } from "./support.ts";

const d1 = { "voronoi-d1": ["total", "exact-expert-error", "over-expert-rms"], "regression-l2": ["total"] };
const noisy = (n: number, slope: number, z: number): number => n ** slope * Math.exp(0.2 * z);
const byTheory: Planted = ({ component, n, z }) =>
  noisy(n, component === "over-expert-rms" ? -0.25 : -0.5, z);

async function judged(file: string, ...options: string[]): Promise<JudgedRate[]> {
  const { code, out, err } = await command(".", "rates", file, "--json", ...options);
  expect(err).toBe("");
  expect(code).toBe(0);
  return JSON.parse(out) as JudgedRate[];
}

function find(
  rates: readonly JudgedRate[],
  wanted: Partial<Pick<JudgedRate, "k" | "loss" | "component" | "statistic" | "fits" | "fit">>,
): JudgedRate {
  const all = { loss: "voronoi-d1", component: "total", statistic: "median", fits: "all", ...wanted };
  const row = rates.find((rate) =>
    Object.entries(all).every(([key, value]) => rate[key as keyof JudgedRate] === value),
  );
  return row!;
}

describe("rates holds planted losses against theory", () => {
  test("losses that follow it are consistent, exactly and over-specified", async () => {
    const folder = temporaryFolder();
    const rates = await judged(await plantedStore(folder, "theory", plantedStudy({}), d1, byTheory));
    for (const k of [2, 3]) {
      for (const wanted of [{}, { component: "exact-expert-error" }, { loss: "regression-l2" }]) {
        const row = find(rates, { k, ...wanted });
        expect(row.audited).toMatchObject({ exponent: -0.5, scope: "pointwise", verdict: "consistent" });
        expect(row.published).toMatchObject({ exponent: -0.5, logExponent: 0.5, verdict: "consistent" });
        expect(row.interval).toBe("bootstrap");
        expect(row.ci![0]).toBeLessThan(-0.5);
        expect(row.ci![1]).toBeGreaterThan(-0.5);
      }
    }
    const over = find(rates, { k: 3, component: "over-expert-rms" });
    expect(over.audited).toMatchObject({ exponent: -0.25, verdict: "consistent" });
    expect(find(rates, { k: 2, statistic: "mean" }).interval).toBe("jackknife");
  });

  test("a slower decay is inconsistent with both statements, and the table says so", async () => {
    const folder = temporaryFolder();
    const file = await plantedStore(folder, "slow", plantedStudy({ fit: "{atoms: 2}" }), d1, ({ n, z }) =>
      noisy(n, -0.25, z),
    );
    const { audited, published } = find(await judged(file), { k: 2 });
    expect([audited!.verdict, published!.verdict]).toEqual(["inconsistent", "inconsistent"]);
    expect(audited!.reason).toMatch(/does not contain -0.500/);
    const { out } = await command(".", "rates", file, "--why", "--shape");
    expect(out).toMatch(/n\^-\(1\/2\): inconsistent/);
    expect(out).toMatch(/inconsistent: the interval .* does not contain -0.500/);
    expect(out).toMatch(/curvature p/);
  });

  test("more atoms than 2k* - 1 and local fits are refused with the reason, the regression function is not", async () => {
    const folder = temporaryFolder();
    const many = await judged(
      await plantedStore(folder, "many", plantedStudy({ fit: "{atoms: 4}" }), d1, byTheory),
    );
    expect(find(many, { k: 4 }).published).toMatchObject({
      verdict: "refused",
      reason: expect.stringContaining("k = 4 exceeds 2k* - 1 = 3") as string,
    });
    expect(find(many, { k: 4, loss: "regression-l2" }).audited!.verdict).toBe("consistent");
    const near = plantedStudy({ fit: "{atoms: 2, starts: {near-truth: {radius: 0.1, count: 2}}}" });
    const local = await judged(
      await plantedStore(folder, "local", near, d1, byTheory, { local: () => true }),
    );
    expect(find(local, { k: 2 }).audited).toMatchObject({
      verdict: "refused",
      reason: expect.stringContaining("local fits") as string,
    });
  });

  test("components that are not identified: the published rate is refused, flat losses agree with the audit, falling ones do not", async () => {
    const folder = temporaryFolder();
    const linear = plantedStudy({
      fit: "{atoms: 3}",
      expert: "linear",
      atoms:
        "[{beta1: [1.5, -1], beta0: 0.4, a: [2, 1], b: 0.5}, {beta1: [0, 0], beta0: 0, a: [-1, 2], b: -0.5}]",
    });
    const flat = await judged(await plantedStore(folder, "flat", linear, d1, ({ z }) => Math.exp(0.05 * z)));
    const row = find(flat, { k: 3 });
    expect(row.audited).toMatchObject({ kind: "not-identified", verdict: "consistent" });
    expect(["refused", "inconclusive"]).toContain(row.published!.verdict);
    const falling = await judged(await plantedStore(folder, "falling", linear, d1, byTheory));
    expect(find(falling, { k: 3 }).audited!.verdict).toBe("inconsistent");
    const some = await judged(
      await plantedStore(folder, "some", linear, d1, (at) => (at.z > 0.6 ? 1 : byTheory(at))),
    );
    const median = find(some, { k: 3, statistic: "median" });
    expect(median.ci![1]).toBeLessThan(-0.1);
    expect(median.audited).toMatchObject({
      verdict: "consistent",
      reason: expect.stringContaining("in some replicates the fit stays away") as string,
    });
  });

  test("a slope that depends on the starts is refused for both fits; one that does not is judged", async () => {
    const folder = temporaryFolder();
    const fits = plantedStudy({
      fit: "[{name: wide, atoms: 2}, {name: narrow, atoms: 2, starts: {random: 3}}]",
    });
    const differ = await judged(
      await plantedStore(folder, "starts", fits, d1, ({ fit, loss, n, z }) =>
        noisy(n, fit === "narrow" && loss === "voronoi-d1" ? -0.3 : -0.5, z),
      ),
    );
    for (const fit of ["wide", "narrow"]) {
      const { audited } = find(differ, { fit });
      expect(audited).toMatchObject({
        verdict: "refused",
        reason: expect.stringContaining("depends on the starts") as string,
      });
      expect(find(differ, { fit, loss: "regression-l2" }).audited!.verdict).toBe("consistent");
    }
  });

  test("fits of which fewer than 90 % are certified are not judged, their certified ones are", async () => {
    const folder = temporaryFolder();
    const rates = await judged(
      await plantedStore(folder, "share", plantedStudy({ fit: "{atoms: 2}" }), d1, byTheory, {
        certified: (replicate) => replicate % 4 > 0,
      }),
    );
    expect(find(rates, { k: 2 }).audited).toMatchObject({
      verdict: "inconclusive",
      reason: expect.stringContaining("75 %") as string,
    });
    expect(find(rates, { k: 2, fits: "certified" }).audited!.verdict).toBe("consistent");
    const { split } = find(rates, { k: 2 });
    expect(Math.abs(split!.slopeChange.value!)).toBeLessThan(0.1);
    expect(split!.points.map(({ all, certified }) => [all, certified])).toEqual(
      split!.points.map(() => [40, 30]),
    );
    expect(find(rates, { k: 2, fits: "certified" }).split).toBeNull();
  });
});

describe("rates infers more on demand", () => {
  test("quantiles, joint intervals, other levels, and observations for an error", async () => {
    const folder = temporaryFolder();
    const file = await plantedStore(folder, "more", plantedStudy({ fit: "{atoms: 2}" }), d1, byTheory);
    const plain = find(await judged(file), { k: 2 });
    const rates = await judged(file, "--quantiles", "0.9,0.25", "--epsilon", "0.001");
    const row = find(rates, { k: 2, statistic: "q0.9" });
    expect(row.slope).toBeCloseTo(-0.5, 0);
    expect(find(rates, { k: 2, statistic: "q0.25" }).audited!.verdict).toBeDefined();
    const { needed } = find(rates, { k: 2 });
    expect(needed).toMatchObject({ extrapolated: true, epsilon: 0.001 });
    expect(needed!.ci![0]).toBeLessThan(1e6);
    expect(needed!.ci![1]).toBeGreaterThan(1e6);
    const wide = find(await judged(file, "--joint"), { k: 2 });
    expect(wide.level).toBeGreaterThan(0.99);
    expect(wide.ci![1] - wide.ci![0]).toBeGreaterThan(plain.ci![1] - plain.ci![0]);
    expect(find(await judged(file, "--level", "0.5"), { k: 2 }).level).toBe(0.5);
    const bad = await command(".", "rates", file, "--quantiles", "0.9,x");
    expect([bad.code, bad.err]).toEqual([
      2,
      expect.stringContaining("--quantiles must be numbers between 0 and 1"),
    ]);
  });

  test("fits on the same data are compared, with the observations one needs for the error of the other", async () => {
    const folder = temporaryFolder();
    const text = plantedStudy({
      fit: "[{name: softmax, atoms: 2}, {name: sigmoid, atoms: 2, gating: sigmoid}]",
      losses: "[regression-l2]",
    });
    const file = await plantedStore(
      folder,
      "compare",
      text,
      { "regression-l2": ["total"] },
      ({ fit, n, z }) => (fit === "softmax" ? 1 : 2) * noisy(n, -0.5, z),
    );
    const { out } = await command(".", "rates", file, "--compare", "--json");
    const [comparison] = JSON.parse(out) as NamedComparison[];
    expect(comparison).toMatchObject({ fitA: "softmax", fitB: "sigmoid", loss: "regression-l2" });
    expect(comparison.sampleSizeRatio!.ratio).toBeGreaterThan(3);
    expect(comparison.sampleSizeRatio!.ratio).toBeLessThan(5.5);
    expect(comparison.points[6].meanLogRatio.value).toBeCloseTo(Math.log(2), 10);
    expect((await command(".", "rates", file)).out).toContain("Fits compared on the same data:");
    const rows = JSON.parse(
      (await command(".", "query", file, "SELECT pairs, mean_log_ratio FROM comparisons", "--json")).out,
    ) as { pairs: number; mean_log_ratio: number }[];
    expect(rows).toHaveLength(7);
    for (const { pairs, mean_log_ratio } of rows) {
      expect(pairs).toBe(40);
      expect(Math.abs(mean_log_ratio)).toBeCloseTo(Math.log(2), 10);
    }
    const apart = await plantedStore(
      folder,
      "apart",
      text.replace("replicates: 40", "replicates: 40, commonRandomNumbers: false"),
      { "regression-l2": ["total"] },
      ({ n, z }) => noisy(n, -0.5, z),
    );
    expect((await command(".", "rates", apart, "--compare")).out).toContain("no two fits on the same data");
  });
});
