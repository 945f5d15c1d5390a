import { referenceKernels } from "@moe-rates/kernels";
import { symmetricEigen } from "@moe-rates/math";
import { createModel, type ExpertSpec, type GatingSpec } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { fitGlobal, globalFitDoubles, type GlobalFitRequest } from "../src/index.ts";
import { drawData, gateOf, objectiveOn, requestFor, tanhWithoutBias } from "./support/mixture-data.ts";

const nothing = { random: 0, kMeans: 0, split: 0, add: 0, around: 0 };
const little = { random: 2, kMeans: 1, split: 1, add: 2, around: 0 };

describe("the global fit of the true family with the true number of atoms", () => {
  const data = drawData("exact", 1200);
  const policy = { random: 3, kMeans: 1, split: 2, add: 3, around: 0 };
  const request = requestFor(data, 2, { policy });
  const mark = request.kernels.memory.mark();
  const [x, y] = [data.x.slice(), data.y.slice()];
  const fit = fitGlobal(request);
  const objective = objectiveOn(data.truth, data);
  const p = data.truth.parameterCount;

  test("is certified, with every field of the certificate filled in", () => {
    const { certificate } = fit;
    expect(fit).toMatchObject({ status: "converged", certified: true, local: false });
    expect(certificate.reasons).toEqual([]);
    expect(certificate.cosine).toBeLessThan(1e-5);
    expect(certificate.predictedReduction).toBeLessThan(1e-3);
    expect(certificate.minEigenvalue).toBeGreaterThan(1e-3);
    expect(certificate.flatDirections).toBe(0);
    expect(certificate.activeBounds).toEqual([]);
    expect(certificate.tightenedChange).toBeLessThan(1e-3);
    expect(certificate.reachedBest).toBeGreaterThanOrEqual(2);
    expect(certificate.starts).toBe(fit.starts.length);
    expect(certificate.optima).toBeGreaterThanOrEqual(1);
    expect([certificate.audited, certificate.beaten]).toEqual([false, null]);
    expect(fit.iterations).toBeGreaterThan(0);
    expect(fit.evaluations).toBeGreaterThanOrEqual(fit.iterations / 2);
  });

  test("reports every start with its policy, its screening value and its basin", () => {
    expect(new Set(fit.starts.map(({ policy }) => policy))).toEqual(
      new Set(["random", "k-means", "split", "add"]),
    );
    const best = fit.starts.filter(
      ({ finalSse }) => finalSse !== null && Math.abs(finalSse / fit.sse - 1) < 1e-6,
    );
    expect(best.length).toBe(fit.certificate.reachedBest);
    for (const { basin } of fit.starts) expect(basin).toBeLessThan(fit.certificate.optima);
  });

  test("reaches the sum of squares it reports, below that of the truth", () => {
    expect(objective.value(fit.theta) / fit.sse).toBeCloseTo(1, 12);
    expect(fit.sse).toBeLessThanOrEqual(objective.value(data.theta));
  });

  test("recovers the truth within the statistical error: both chi-square statistics stay below their 0.999 quantile", () => {
    const identified = p - 3;
    const quantile = 24.32;
    expect(identified).toBe(7);
    expect((objective.value(data.theta) - fit.sse) / data.noise ** 2).toBeLessThan(quantile);
    const gram = new Float64Array(p * p);
    const distance = (atoms: ReturnType<typeof data.truth.unpack>): number => {
      const error = data.truth.pack(atoms).map((value, i) => value - data.theta[i]);
      return (
        error.reduce(
          (sum, e, i) => sum + e * error.reduce((row, other, j) => row + gram[i * p + j] * other, 0),
          0,
        ) /
        data.noise ** 2
      );
    };
    const atoms = data.truth.unpack(fit.theta);
    const swapped = data.truth.pack(atoms.toReversed());
    objective.derivatives(fit.theta, new Float64Array(p), new Float64Array(p), gram, false);
    const straight = distance(atoms);
    objective.derivatives(swapped, new Float64Array(p), new Float64Array(p), gram, false);
    expect(Math.min(straight, distance(atoms.toReversed()))).toBeLessThan(quantile);
  });

  test("has the second-order state it reports: the exact Hessian is positive definite but for the gauge", () => {
    const hessian = new Float64Array(p * p);
    objective.derivatives(fit.theta, new Float64Array(p), new Float64Array(p), hessian, true);
    const { values } = symmetricEigen(hessian, p);
    const size = values[p - 1];
    expect(values.filter((value) => Math.abs(value) < 1e-9 * size)).toHaveLength(3);
    expect(values[0]).toBeGreaterThan(-1e-9 * size);
  });

  test("returns gates with mean zero", () => {
    for (const group of data.truth.gaugeGroups) {
      expect(Math.abs(group.reduce((sum, i) => sum + fit.theta[i], 0))).toBeLessThan(1e-10);
    }
  });

  test("leaves the data and the kernel memory as they were", () => {
    expect([data.x, data.y]).toEqual([x, y]);
    expect(request.kernels.memory.mark()).toBe(mark);
  });

  test("depends on its arguments only: the same bits again, in the same or other memory, after another fit", () => {
    const other = requestFor(drawData("other", 500), 2, { kernels: request.kernels });
    fitGlobal({ ...other, policy: { ...nothing, random: 2 } });
    request.kernels.memory.f64.fill(Number.NaN, request.kernels.memory.mark());
    expect(fitGlobal(request)).toEqual(fit);
    expect(fitGlobal(requestFor(data, 2, { policy }))).toEqual(fit);
  });

  test("is the same minimiser under other streams", () => {
    const again = fitGlobal(requestFor(data, 2, { policy: { ...nothing, random: 6 } }));
    expect(Math.abs(again.sse - fit.sse)).toBeLessThan(1e-3 * data.noise ** 2);
  });
});

describe("an honest certificate", () => {
  const data = drawData("honest", 400);
  const start = { policy: "near-truth", theta: data.theta };
  const fit = (changes: Partial<GlobalFitRequest>) =>
    fitGlobal(requestFor(data, 2, { policy: little, ...changes }));

  test("is never given to a single start", () => {
    const { certified, certificate } = fit({ policy: { ...nothing, random: 1 } });
    // One start that finds no second to agree with it is searched on, so a certified fit has seen at least two.
    expect(
      certified ? certificate.starts >= 2 && certificate.reachedBest >= 2 : certificate.reasons.length > 0,
    ).toBe(true);
    const alone = fit({ policy: nothing, points: [start] });
    expect(alone.certified).toBe(false);
    expect(alone.certificate.reasons).toContain("a single start");
  });

  test("calls a fit from given points only local, however many agree", () => {
    const points = [start, start, { policy: "near-truth", theta: data.theta.map((value) => value + 0.1) }];
    const { local, certified, certificate, status } = fit({ policy: nothing, points });
    expect({ local, certified, status }).toEqual({ local: true, certified: false, status: "converged" });
    expect(certificate.reasons.join()).toContain("local estimator");
    expect(certificate.reachedBest).toBe(3);
  });

  test("names the bounds that the fit presses on", () => {
    const { certificate, theta } = fit({ box: 1 });
    expect(certificate.activeBounds.length).toBeGreaterThan(0);
    for (const name of certificate.activeBounds) {
      expect(Math.abs(theta[data.truth.parameterNames.indexOf(name)])).toBe(1);
    }
    for (const value of theta) expect(Math.abs(value)).toBeLessThanOrEqual(1);
  });

  test("says when too few steps were allowed", () => {
    const { certified, certificate, status } = fit({ solver: { maxIterations: 1 } });
    expect([certified, status]).toEqual([false, "not-converged"]);
    expect(certificate.reasons.join()).toContain("max-iterations");
  });

  test("reports the audit", () => {
    const { certificate } = fit({ audit: true });
    expect([certificate.audited, certificate.beaten]).toEqual([true, false]);
  });

  test("is withdrawn when the fit is cancelled", () => {
    for (const patience of [0, 3, 30]) {
      let polls = 0;
      const { status, certified } = fit({ cancelled: () => ++polls > patience });
      expect([status, certified]).toEqual(["cancelled", false]);
    }
  });

  test("is refused, without throwing, where no start gives a finite sum of squares", () => {
    const broken = { ...data, y: data.y.map((value, i) => (i === 7 ? Number.NaN : value)) };
    const { status, certified, certificate } = fitGlobal(
      requestFor(broken, 2, { policy: { ...nothing, random: 2 } }),
    );
    expect([status, certified]).toEqual(["non-finite", false]);
    expect(certificate.reasons).toEqual(["no start gave a finite sum of squares"]);
  });
});

describe("the kernel memory that globalFitDoubles names is enough", () => {
  test.for<[string, ExpertSpec, number, number]>([
    ["softmax", "linear", 3, 60],
    ["sigmoid", "linear", 3, 300],
    ["softmax", { family: "ffn", activation: "gelu", scale: true, normalise: true }, 2, 1700],
    ["softmax", tanhWithoutBias, 4, 150],
  ])("for %s gates and %j experts, %i atoms, n = %i", ([gating, expert, atoms, n]) => {
    const { x, y } = drawData("memory", n);
    const modelWith = (k: number) => createModel({ gating, expert, inputDim: 2, atoms: k });
    const request = requestFor(drawData("memory", 10), atoms);
    const kernels = referenceKernels(globalFitDoubles(n, modelWith(atoms)));
    const solver = { maxIterations: 3 };
    const fit = fitGlobal({
      ...request,
      kernels,
      x,
      y,
      modelWith,
      solver,
      policy: { random: 1, kMeans: 1, split: 1, add: 1, around: 0 },
    });
    expect(Number.isFinite(fit.sse)).toBe(true);
  });
});

describe("the global fit under other gates", () => {
  const policy = { random: 4, kMeans: 1, split: 2, add: 6, around: 0 };
  const atomsOf = (gating: GatingSpec) => [
    { ...gateOf(gating, [1, -0.7], 0.4), a: [1.6, 0.8] },
    { ...gateOf(gating, [-0.5, 0.8], 0), a: [-0.8, 1.6] },
  ];

  test.each<[string, GatingSpec, number]>([
    [
      "a linear router with its temperature, one flat direction unless the temperature ends at its bound",
      { family: "dense-to-sparse", temperature: 0.7 },
      1,
    ],
    ["a tanh router", { family: "dense-to-sparse", router: "tanh", temperature: 0.5 }, 0],
    ["normalised sigmoid gates", { family: "sigmoid", normalised: true }, 0],
    ["Laplace gates", "laplace", 0],
  ])("is certified below the truth: %s", (_name, gating, flat) => {
    const data = drawData("other gates", 900, 0.1, gating, atomsOf(gating));
    const fit = fitGlobal(requestFor(data, 2, { policy }));
    expect(fit.certificate.reasons).toEqual([]);
    expect(fit.certified).toBe(true);
    const held = fit.certificate.activeBounds.filter((name) => name === "temperature").length;
    expect(fit.certificate.flatDirections + held).toBe(flat);
    expect(fit.sse).toBeLessThanOrEqual(objectiveOn(data.truth, data).value(data.theta));
  });

  test("with fewer active atoms than atoms is never certified: other pieces are not ruled out", () => {
    const gating = { family: "top-k", k: 1 };
    const data = drawData("top-k", 400, 0.1, gating, atomsOf(gating));
    const fit = fitGlobal(requestFor(data, 2, { policy }));
    expect(fit.certified).toBe(false);
    expect(fit.certificate.reasons).toContainEqual(expect.stringMatching(/piecewise smooth/));
    const dense = fitGlobal(requestFor({ ...data, truth: topK(2) }, 2, { policy }));
    expect(dense.certificate.reasons).not.toContainEqual(expect.stringMatching(/piecewise smooth/));
  });

  const topK = (k: number) =>
    createModel({ gating: { family: "top-k", k }, expert: tanhWithoutBias, inputDim: 2, atoms: 2 });
});
