import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { lawMarkup, lawText } from "../src/report/law-text.ts";
import { logTickText, sizeAxis } from "../src/report/log-axis.ts";
import { lossFigure } from "../src/report/loss-figure.ts";
import type { LossPlot } from "../src/report/loss-figure.ts";
import { componentGroups } from "../src/report/loss-series-groups.ts";

type Page = ReturnType<typeof parseHTML>["document"];

describe("statements of theory are set as formulas", () => {
  test.for([
    ["n^-(1/2)", "n<sup>−1/2</sup>", "n^(−1/2)"],
    ["O_P((log n / n)^(1/4))", "O<sub>P</sub>((log n / n)<sup>1/4</sup>)", "O_P((log n / n)^(1/4))"],
    [
      "slower than n^(-1/2r) for every r >= 1",
      "slower than n<sup>−1/2r</sup> for every r &gt;= 1",
      "slower than n^(−1/2r) for every r >= 1",
    ],
    ["does not converge", "does not converge", "does not converge"],
  ] as const)("%s", ([statement, markup, text]) => {
    expect(lawMarkup(statement).markup).toBe(markup);
    expect(lawText(statement)).toBe(text);
  });
});

describe("the axis of sample sizes", () => {
  test("has a mark at every size while there is room, and at every second or third beyond", () => {
    expect(sizeAxis([8000, 500, 1000, 2000, 4000]).ticks).toEqual([500, 1000, 2000, 4000, 8000]);
    const many = Array.from({ length: 13 }, (_, index) => Math.round(10 ** (3 + index / 4)));
    expect(sizeAxis(many).ticks).toEqual(many.filter((_, index) => index % 2 === 0));
  });

  test("has marks of the scale where sizes are too near each other", () => {
    const { ticks } = sizeAxis([1000, 1001, 1002, 90_000]);
    expect(ticks.length).toBeGreaterThan(1);
    ticks.slice(1).forEach((tick, index) => expect(tick / ticks[index]).toBeGreaterThan(1.5));
  });

  test("writes a size to three digits", () => {
    expect([500, 1778.28, 8000, 64_000, 1e6, 0.002, 5e-5].map(logTickText)).toEqual([
      "500",
      "1.78k",
      "8k",
      "64k",
      "1M",
      "0.002",
      "5e-5",
    ]);
  });
});

test("errors of experts and of gates in over-specified cells have a figure each", () => {
  const groups = componentGroups([
    "total",
    "over",
    "over-expert",
    "over-expert-mean",
    "over-expert-rms",
    "over-gate-mean",
    "over-gate-rms",
    "exact-gate-error",
  ]);
  expect(groups.map(({ id, components }) => [id, components])).toEqual([
    ["total", ["total"]],
    ["exact", ["exact-gate-error"]],
    ["over-experts", ["over-expert-mean", "over-expert-rms"]],
    ["over-gates", ["over-gate-mean", "over-gate-rms"]],
    ["parts", ["over"]],
  ]);
});

describe("a figure of two components", () => {
  const sizes = [500, 1000, 2000, 4000, 8000];
  const series = (name: string, exponents: readonly number[]): LossPlot["series"][number] => ({
    name,
    points: sizes.map((n) => ({
      design: "d",
      n,
      loss: "l",
      component: name,
      replicates: 8,
      median: n ** -0.5,
      low: 0.9 * n ** -0.5,
      high: 1.1 * n ** -0.5,
      shown: [0, 1].map((replicate) => ({ replicate, value: n ** -0.5, certified: true })),
    })),
    slope: { slope: -0.5, standardError: 0.01, intercept: 0 },
    laws: exponents.map((exponent) => ({
      kind: "audited" as const,
      label: `audited: n^-(${-exponent})`,
      exponent,
      logExponent: 0,
    })),
  });
  const draw = (plot: Partial<LossPlot>): Page => {
    const figure = lossFigure({
      id: "f",
      design: "d",
      title: "t",
      series: [],
      burnIn: null,
      shownReplicates: 2,
      ...plot,
    });
    return parseHTML(`<html><body>${figure.pictures[0]?.svg}<p>${figure.caption.markup}</p></body></html>`)
      .document;
  };
  const texts = (page: Page): string[] =>
    [...page.querySelectorAll("text")].map(({ textContent }) => textContent ?? "");

  test("names a law below the component it belongs to, once at the end where it is everyone's", () => {
    const apart = texts(draw({ series: [series("mean", [-0.5]), series("rms", [-0.25])] }));
    expect(apart.filter((text) => /^(mean|rms|audited)/.test(text))).toEqual([
      "mean: slope −0.500 ± 0.010",
      "audited: n^(−0.5)",
      "rms: slope −0.500 ± 0.010",
      "audited: n^(−0.25)",
    ]);
    const common = texts(draw({ series: [series("mean", [-0.5]), series("rms", [-0.5])] }));
    expect(common.filter((text) => text.startsWith("audited"))).toHaveLength(1);
  });

  test("writes every size below its mark", () => {
    expect(texts(draw({ series: [series("mean", [])] }))).toEqual(
      expect.arrayContaining(["500", "1k", "2k", "4k", "8k"]),
    );
  });

  test("sets equal values of two components, and their replicates, beside each other", () => {
    const page = draw({ series: [series("mean", []), series("rms", [])] });
    const groups = [...page.querySelectorAll('[data-marks="replicates"]')];
    expect(groups).toHaveLength(2);
    const shifts = groups.map((group) =>
      Number(/translate\(([-\d.]+),/.exec(group.getAttribute("transform") ?? "")?.[1]),
    );
    expect((shifts[1] ?? 0) - (shifts[0] ?? 0)).toBeGreaterThanOrEqual(4);
  });

  test("says whose burn-in is shaded", () => {
    const both = [series("mean", []), series("rms", [])];
    expect(
      draw({ series: both, burnIn: { component: "rms", endsAt: 2000 } }).querySelector("p")?.textContent,
    ).toContain("Shaded: burn-in of rms; a power law is tenable from n = 2,000 on.");
    expect(
      draw({ series: both.slice(0, 1), burnIn: { component: "mean", endsAt: Infinity } }).querySelector("p")
        ?.textContent,
    ).toContain("Shaded: the points bend at every stretch");
    expect(draw({ series: both }).querySelector("p")?.textContent).not.toContain("Shaded");
  });
});
