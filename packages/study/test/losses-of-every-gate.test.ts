import { measureKind } from "@moe-rates/losses";
import { shippedFamilies } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { truthModel } from "../src/design-models.ts";
import { formatProblem, parseStudy } from "../src/index.ts";
import { lossesOf, ownVoronoiLoss } from "../src/replicate-losses.ts";

const gates: [string, string, string][] = [
  ["softmax", "voronoi-d1, voronoi-d2:2, voronoi-d2:3, wasserstein:2", "softmax"],
  ["{family: top-k, k: 2}", "voronoi-d1, voronoi-d2:2, top-k-d1, wasserstein:1", "top-k"],
  [
    "{family: dense-to-sparse, temperature: 0.7}",
    "voronoi-d1, voronoi-d2:2, voronoi-d3:2, voronoi-d4, wasserstein:2",
    "dense-to-sparse",
  ],
  [
    "{family: dense-to-sparse, router: tanh, temperature: 0.7}",
    "voronoi-d1, voronoi-d3:2, voronoi-d4, wasserstein:2",
    "dense-to-sparse",
  ],
  ["laplace", "voronoi-d1, voronoi-d2:2, wasserstein:2", "laplace"],
  ["sigmoid", "voronoi-d1, sigmoid-d1, sigmoid-d2:2, wasserstein:2", "sigmoid"],
  ["{family: sigmoid, normalised: true}", "voronoi-d1, sigmoid-d1, sigmoid-d2:2, wasserstein:2", "sigmoid"],
  ["hierarchical", "voronoi-d5, voronoi-d6:1, voronoi-d6:3", "hierarchical"],
];

const gateName = (gating: string) =>
  gating.includes("router") ? "omega" : gating === "laplace" ? "centre" : "beta1";

function truthText(gating: string): string {
  const slope = gateName(gating);
  const places = [
    [1, -0.7],
    [0.5, 0.5],
    [0, 0],
  ];
  const values = [
    [1.6, 0.8],
    [0.7, -1.2],
    [-0.8, 1.6],
  ];
  const expert = (i: number) => `a: [${values[i].join(", ")}]`;
  const atom = (i: number) => {
    const gate = `${slope}: [${places[i].join(", ")}], beta0: ${0.4 - 0.2 * i}`;
    return `{${gate}, ${gating === "hierarchical" ? `eta: {${expert(i)}}` : expert(i)}}`;
  };
  if (gating !== "hierarchical") return `  atoms: [${[0, 1, 2].map(atom).join(", ")}]`;
  return `  groups:
    - {a: [1, 0], b: 0.2, atoms: [${atom(0)}, ${atom(2)}]}
    - {a: [0, 0], b: 0, atoms: [${atom(1)}, ${atom(2)}]}`;
}

function studyOf(
  gating: string,
  losses: string,
  expert = "{family: ffn, activation: tanh, bias: false}",
  edit = (atoms: string) => atoms,
) {
  const text = `name: every-gate
seed: 1
truth:
  gating: ${gating}
  expert: ${expert}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
${edit(truthText(gating))}
fit: {atoms: ${gating === "hierarchical" ? 2 : 3}, starts: {near-truth: {radius: 0.1, count: 1}}}
design: {sampleSizes: [1000], replicates: 1}
${losses === "" ? "" : `losses: [${losses}]`}
`;
  const parsed = parseStudy(text, { fileName: "study.yaml", families: shippedFamilies });
  if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join("\n"));
  return parsed.study;
}

/** Every loss of the study for its truth moved along the gauge, every parameter besides multiplied by `factor`. */
function lossesAt(study: ReturnType<typeof studyOf>, factor: number) {
  const truth = truthModel(study, shippedFamilies);
  const theta = truth.theta.map((value) => value * factor);
  truth.model.gaugeGroups.forEach((group, g) => group.forEach((at) => (theta[at] += 0.3 * (g + 1))));
  const request = {
    study,
    fitSpec: study.fits[0],
    families: shippedFamilies,
    truth,
    fit: { model: truth.model, theta },
    covariates: null,
  };
  return {
    rows: lossesOf(request, ownVoronoiLoss(request), study.losses),
    measure: truth.model.measure(truth.theta),
  };
}

describe.each(gates)("losses of %s", (gating, losses, kind) => {
  const functions = "components, expert-l2, regression-l2";

  test("vanish on the truth in another gauge, every one of them and in every part", () => {
    const study = studyOf(gating, `${losses}, ${functions}`);
    const { rows, measure } = lossesAt(study, 1);
    expect(measureKind(measure)).toBe(kind);
    expect([...new Set(rows.map(({ loss }) => loss))]).toEqual(study.losses);
    for (const { loss, component, value } of rows) expect(value, `${loss} ${component}`).toBeLessThan(1e-6);
  });

  test("grow with the distance, and without losses named the gate's own is among those measured", () => {
    const named = studyOf(gating, `${losses}, ${functions}`);
    const [near, far] = [1.01, 1.05].map((factor) =>
      lossesAt(named, factor).rows.filter(({ component }) => component === "total"),
    );
    near.forEach(({ loss, value }, i) => {
      expect(value, loss).toBeGreaterThan(1e-6);
      expect(far[i].value, loss).toBeGreaterThan(value);
    });
    const usual = studyOf(gating, "");
    const rows = lossesAt(usual, 1.01).rows;
    expect([...new Set(rows.map(({ loss }) => loss))]).toEqual(usual.losses);
    expect(usual.losses[0]).toBe(
      { hierarchical: "voronoi-d5", "dense-to-sparse": "voronoi-d4" }[kind] ?? "voronoi-d1",
    );
  });
});

test("experts of several units are compared as functions, and Voronoi losses leave them out", () => {
  const expert = "{family: ffn, activation: tanh, bias: false, scale: true, width: 2}";
  const wide = (a: string) =>
    a.replaceAll(/a: \[([-\d.]+), ([-\d.]+)\]/gu, "a1: [$1, $2], a2: [$2, $1], lambda1: 1, lambda2: 0.5");
  const rows = lossesAt(
    studyOf("softmax", "voronoi-d1, components, wasserstein:2, expert-l2", expert, wide),
    1.01,
  ).rows;
  expect([...new Set(rows.map(({ loss }) => loss))]).toEqual(["expert-l2"]);
  for (const { value } of rows) expect(value).toBeGreaterThan(1e-4);
});
