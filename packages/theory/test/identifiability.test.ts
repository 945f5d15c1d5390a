import { readFileSync } from "node:fs";
import { createModel, type ExpertSpec } from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { definition1, definition2, sharpTest, sigmoidDefinition } from "../src/index.ts";
import { midpointGrid } from "./support/midpoint-grid.ts";

interface Counts {
  columns: number;
  zero: number;
  duplicates: number;
  distinct: number;
  rank: number;
}
interface Sharp {
  expert: string;
  inputDim: number;
  beta1: number[][];
  beta0: number[];
  eta: number[][];
  first: number;
  rankOne: number;
  semidefinite: number;
}
const golden = JSON.parse(readFileSync(new URL("./fixtures/theory.json", import.meta.url), "utf8")) as {
  definition1: (Counts & { expert: string; inputDim: number; atoms: number })[];
  definition2: (Counts & { router: string; expert: string; inputDim: number; atoms: number })[];
  sharp: Sharp[];
};

/** `tanh:nobias:scale` of the generator as a specification. */
function spec(kind: string): ExpertSpec {
  const [name, ...words] = kind.split(":");
  const options = {
    bias: !words.includes("nobias"),
    normalise: words.includes("norm"),
  };
  if (name === "linear") return { family: "linear", ...options };
  const scale = words.includes("scale");
  if (name === "square" || name === "cube")
    return { family: "polynomial", degree: name === "square" ? 2 : 3, scale, ...options };
  return { family: "ffn", activation: name, scale, ...options };
}

const counts = ({ columns, zero, duplicates, distinct, rank }: Counts): Counts => ({
  columns,
  zero,
  duplicates,
  distinct,
  rank,
});

describe("definition1", () => {
  it.each(golden.definition1)(
    "counts the functions of $expert, d = $inputDim, $atoms atoms, and their rank as numpy does",
    (one) => {
      const found = definition1({
        expert: spec(one.expert),
        inputDim: one.inputDim,
        atoms: one.atoms,
        points: 6000,
      });
      expect(counts({ ...found, zero: found.zero.length })).toEqual(counts(one));
      expect(found.independent).toBe(one.zero === 0 && one.rank === one.distinct);
    },
  );

  it("holds for the experts of the papers and fails for affine, homogeneous and scaled ones", () => {
    const holds = (kind: string) =>
      definition1({ expert: spec(kind), inputDim: 2, atoms: 2, points: 6000 }).independent;
    expect(
      ["tanh", "sigmoid", "gelu", "tanh:nobias", "sigmoid:nobias", "gelu:nobias", "tanh:norm:nobias"].map(
        holds,
      ),
    ).not.toContain(false);
    expect(
      [
        "relu",
        "linear",
        "square",
        "cube",
        "tanh:scale",
        "sigmoid:scale",
        "gelu:scale",
        "tanh:norm",
        "sigmoid:norm",
      ].map(holds),
    ).not.toContain(true);
  });

  it("names what vanishes, and the combination that does", () => {
    const scaled = definition1({ expert: spec("tanh:scale"), inputDim: 1, atoms: 1, points: 6000 });
    expect(scaled.zero).toEqual(["d2h/lambda(0)lambda(0)"]);
    const normalised = definition1({ expert: spec("tanh:norm"), inputDim: 2, atoms: 1, points: 6000 });
    expect(normalised.dependency.map(({ name }) => name).sort()).toEqual([
      "d2h/a[0](0)a[0](0)",
      "d2h/a[1](0)a[1](0)",
      "d2h/b(0)b(0)",
    ]);
  });
});

describe("definition2", () => {
  it.each(golden.definition2)(
    "counts the functions of router $router with $expert, $atoms atoms, and their rank as numpy does",
    (one) => {
      const router = spec(`${one.router}:nobias`);
      const found = definition2({
        router,
        expert: spec(one.expert),
        inputDim: one.inputDim,
        atoms: one.atoms,
        points: 6000,
      });
      expect(counts({ ...found, zero: found.zero.length })).toEqual(counts(one));
      expect(found.independent).toBe(one.zero === 0 && one.rank === one.distinct);
    },
  );
});

describe("sigmoidDefinition", () => {
  it("is weak for ReLU, GELU and polynomial experts, strong for tanh and GELU only", () => {
    const test = (kind: string, which: "weak" | "strong") =>
      sigmoidDefinition({ expert: spec(kind), inputDim: 2, atoms: 2, points: 6000 }, which).independent;
    for (const kind of ["relu", "gelu", "square", "tanh"]) expect(test(kind, "weak"), kind).toBe(true);
    expect(["tanh", "gelu"].map((kind) => test(kind, "strong"))).toEqual([true, true]);
    expect(["linear", "square", "relu", "tanh:scale"].map((kind) => test(kind, "strong"))).not.toContain(
      true,
    );
  });
});

describe("sharpTest", () => {
  it.each(golden.sharp)(
    "finds numpy's singular value and at most scipy's least norm for $expert, d = $inputDim",
    (one) => {
      const model = createModel({
        gating: "softmax",
        expert: spec(one.expert),
        inputDim: one.inputDim,
        atoms: 2,
      });
      const theta = thetaOf(model, one);
      const points = midpointGrid(one.inputDim, one.inputDim === 1 ? 400 : 64, -3, 3);
      const { first, second } = sharpTest(model, theta, points, 1);
      expect(Math.abs(first.smallest - one.first)).toBeLessThan(1e-9 + 1e-6 * one.first);
      if (one.rankOne > 1e-6) {
        expect(second!.smallest).toBeLessThan(1.001 * one.rankOne);
        expect(second!.smallest).toBeGreaterThan(0.999 * one.semidefinite);
      } else expect(second!.smallest).toBeLessThan(1e-9);
    },
  );
});

function thetaOf(model: ReturnType<typeof createModel>, { beta1, beta0, eta }: Sharp): Float64Array {
  const theta = new Float64Array(model.parameterCount);
  for (const { part, atom, parameter, names } of model.channels)
    names.forEach((name, t) => {
      const index = Number(/\[(\d+)\]/.exec(name)?.[1] ?? 0);
      const order = [...beta1[0].map((_, u) => `a[${u}]`), "b", "lambda"].filter((word) =>
        model.parameterNames.includes(`atom[0].${word}`),
      );
      theta[parameter + t] =
        part === "gate"
          ? name === "beta0"
            ? beta0[atom!]
            : beta1[atom!][index]
          : eta[atom!][order.indexOf(name)];
    });
  return theta;
}
