import {
  createModel,
  type ExpertSpec,
  type GatingSpec,
  type NamedAtom,
  type NamedShared,
  shippedFamilies,
} from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { identify, wideHalton, type Direction, type SplitDirection } from "../src/index.ts";
import { ownExperts } from "./support/signed-square.ts";

const families = { ...shippedFamilies, experts: { ...shippedFamilies.experts, ...ownExperts } };

interface Asked {
  gating?: GatingSpec;
  expert: ExpertSpec;
  atoms: NamedAtom[];
  shared?: NamedShared;
  inputDim: number;
  extra?: number;
}

function asked({ gating = "softmax", expert, atoms, shared, inputDim, extra = 1 }: Asked) {
  const model = createModel({ gating, expert, inputDim, atoms: atoms.length, families });
  return identify(model, model.pack(atoms, shared), wideHalton(inputDim, 1500), { extra, families });
}

const gate = (d: number, j: number) => ({
  beta1: [1, -0.7].slice(0, d).map((v) => v * (1 - j)),
  beta0: 0.4 * (1 - j),
});
const slope = (d: number, j: number) => ({
  a: [
    [1.6, 0.8],
    [-0.8, 1.4],
  ][j].slice(0, d),
});
/** Two atoms with everything the options ask for. */
function atomsOf(d: number, options: { bias?: boolean; scale?: boolean } = {}): NamedAtom[] {
  return [0, 1].map((j) => ({
    ...gate(d, j),
    ...slope(d, j),
    ...(options.bias === false ? {} : { b: [0.5, -0.9][j] }),
    ...(options.scale ? { lambda: [1.2, -0.8][j] } : {}),
  }));
}
const ffn = (activation: string, more: object = {}) => ({ family: "ffn", activation, ...more });

describe("identify, experts under softmax gates", () => {
  const identified: [string, ExpertSpec, { bias?: boolean }, number[]][] = [
    ["tanh", ffn("tanh"), {}, [1, 2]],
    ["sigmoid", ffn("sigmoid"), {}, [1, 2]],
    ["GELU", ffn("gelu"), {}, [1, 2]],
    ["tanh without bias", ffn("tanh", { bias: false }), { bias: false }, [1, 2]],
    ["sigmoid without bias", ffn("sigmoid", { bias: false }), { bias: false }, [1, 2]],
    ["GELU without bias", ffn("gelu", { bias: false }), { bias: false }, [1, 2]],
    ["normalised tanh", ffn("tanh", { normalise: true }), {}, [2]],
    ["normalised GELU", ffn("gelu", { normalise: true }), {}, [2]],
  ];
  it.each(identified)(
    "%s experts are identified with and without a spare atom",
    (_, expert, options, dims) => {
      for (const inputDim of dims) {
        const { exact, over } = asked({ expert, atoms: atomsOf(inputDim, options), inputDim });
        expect(exact.verdict).toBe("identified");
        expect(over.verdict).toBe("identified");
        expect(over.smallest).toBeGreaterThan(1e-6);
      }
    },
  );

  const free: [string, ExpertSpec, { scale?: boolean }, string][] = [
    ["linear", "linear", {}, "b"],
    ["quadratic", { family: "polynomial", degree: 2 }, {}, "a[0]"],
    ["cubic", { family: "polynomial", degree: 3 }, {}, "a[0]"],
    ["ReLU", ffn("relu"), {}, "a[0]"],
    ["scaled tanh", ffn("tanh", { scale: true }), { scale: true }, "lambda"],
    ["scaled GELU", ffn("gelu", { scale: true }), { scale: true }, "lambda"],
  ];
  it.each(free)(
    "%s experts are identified exactly specified, not with a spare atom",
    (_, expert, options, moves) => {
      for (const inputDim of [1, 2]) {
        const { exact, over } = asked({ expert, atoms: atomsOf(inputDim, options), inputDim });
        expect(exact.verdict).toBe("identified");
        expect(over.verdict).toBe("unidentified");
        expect(over.smallest).toBeLessThan(1e-9);
        const [{ directions }] = over.direction as readonly SplitDirection[];
        expect(Math.abs(directions[0][moves])).toBeGreaterThan(0.1);
      }
    },
  );

  it("prints the scale direction of a user's own homogeneous expert", () => {
    const { exact, over } = asked({
      expert: "signed-square",
      atoms: atomsOf(2, { bias: false }),
      inputDim: 2,
    });
    expect(exact.verdict).toBe("identified");
    expect(over.verdict).toBe("unidentified");
    const [{ atom, directions }] = over.direction as readonly SplitDirection[];
    const { a } = atomsOf(2, { bias: false })[atom] as { a: number[] };
    expect(directions[0]["a[1]"] / directions[0]["a[0]"]).toBeCloseTo(a[1] / a[0], 6);
    expect(directions[0]["beta1[0]"]).toBe(0);
  });

  it("sees what Definition 1 at generic parameters does not: N8 and N8b", () => {
    const plain = ffn("tanh", { bias: false });
    const zero = [
      { ...gate(2, 0), a: [1.6, 0.8] },
      { ...gate(2, 1), a: [0, 0] },
    ];
    expect(asked({ expert: plain, atoms: zero, inputDim: 2 })).toMatchObject({
      exact: { verdict: "identified" },
      over: { verdict: "unidentified" },
    });
    expect(asked({ expert: ffn("gelu", { bias: false }), atoms: zero, inputDim: 2 }).over.verdict).toBe(
      "identified",
    );
    const opposite = [
      { ...gate(2, 0), a: [1.6, 0.8] },
      { beta1: [1, -0.7], beta0: -0.3, a: [-1.6, -0.8] },
      { ...gate(2, 1), a: [-0.8, 1.4] },
    ];
    expect(asked({ expert: plain, atoms: opposite, inputDim: 2 }).exact.verdict).toBe("unidentified");
    const mirrored = [
      { ...gate(2, 0), a: [1.6, 0.8] },
      { ...gate(2, 1), a: [-1.6, -0.8] },
    ];
    expect(asked({ expert: plain, atoms: mirrored, inputDim: 2 })).toMatchObject({
      exact: { verdict: "identified" },
      over: { verdict: "identified" },
    });
  });

  it("judges several spare atoms jointly", () => {
    const three = [...atomsOf(2, { bias: false }), { beta1: [-0.6, 0.9], beta0: 0.1, a: [0.7, -1.2] }];
    const two = asked({ expert: ffn("tanh", { bias: false }), atoms: three, inputDim: 2, extra: 2 });
    const one = asked({ expert: ffn("tanh", { bias: false }), atoms: three, inputDim: 2 });
    expect(two.over.verdict).toBe("identified");
    expect(two.over.smallest).toBeLessThanOrEqual(one.over.smallest * 1.0001);
    const splits = two.over.direction as readonly SplitDirection[];
    expect(splits.reduce((sum, { directions }) => sum + directions.length, 0)).toBe(2);
  });
});

describe("identify, routers", () => {
  const expert = ffn("tanh", { bias: false });
  const routed = (router: string) =>
    asked({
      gating: { family: "dense-to-sparse", router },
      expert,
      inputDim: 2,
      shared: { temperature: 0.7 },
      atoms: [0, 1].map((j) => ({
        [router === "linear" ? "beta1" : "omega"]: [
          [1, -0.7],
          [-0.5, 1.2],
        ][j],
        beta0: 0.4 * (1 - j),
        ...slope(2, j),
      })),
    });

  it("finds beta1, beta0 and the temperature of a linear router confounded, experts out of it", () => {
    const { exact, over, definitions } = routed("linear");
    expect([exact.verdict, over.verdict]).toEqual(["unidentified", "unidentified"]);
    const direction = exact.direction as Direction;
    expect(direction["temperature"] / direction["atom[0].beta0"]).toBeCloseTo(0.7 / 0.4, 6);
    for (const [name, value] of Object.entries(direction)) if (/\.a\[/u.test(name)) expect(value).toBe(0);
    expect(definitions.every(({ holds }) => !holds)).toBe(true);
  });

  it.each(["tanh", "sigmoid", "gelu"])("identifies everything under a %s router", (router) => {
    const { exact, over, definitions } = routed(router);
    expect([exact.verdict, over.verdict]).toEqual(["identified", "identified"]);
    expect(definitions.every(({ holds }) => holds)).toBe(true);
  });

  it("finds the output weights of an MLP router confounded with the temperature", () => {
    const { exact } = asked({
      gating: { family: "dense-to-sparse", router: "mlp", width: 1 },
      expert,
      inputDim: 2,
      shared: { temperature: 0.7 },
      atoms: [0, 1].map((j) => ({
        omega: [
          [1, -0.7, 0.2, 1.3],
          [-0.5, 1.2, -0.4, 0.9],
        ][j],
        beta0: 0.4 * (1 - j),
        ...slope(2, j),
      })),
    });
    expect(exact.verdict).toBe("unidentified");
    expect(Math.abs((exact.direction as Direction)["temperature"])).toBeGreaterThan(0.1);
  });
});

describe("identify, other gates", () => {
  it("splits only sigmoid atoms whose gate has no slope", () => {
    const first = asked({ gating: "sigmoid", expert: ffn("tanh"), atoms: atomsOf(2), inputDim: 2 });
    expect(first.over).toMatchObject({ verdict: "identified" });
    expect((first.over.direction as readonly SplitDirection[])[0].atom).toBe(1);
    const linear = asked({ gating: "sigmoid", expert: "linear", atoms: atomsOf(2), inputDim: 2 });
    expect([linear.exact.verdict, linear.over.verdict]).toEqual(["unidentified", "unidentified"]);
    expect(Math.abs((linear.exact.direction as Direction)["atom[1].beta0"])).toBeGreaterThan(0.1);
    expect((linear.exact.direction as Direction)["atom[0].beta0"]).toBe(0);
    const sloped = atomsOf(2).map((atom, j) => ({
      ...atom,
      beta1: [
        [1, -0.7],
        [-0.5, 1],
      ][j],
    }));
    const second = asked({ gating: "sigmoid", expert: ffn("relu"), atoms: sloped, inputDim: 2 });
    expect(second.over).toMatchObject({ verdict: "identified", direction: null });
  });

  it("finds sigmoid gates without any slope and linear experts unidentified at k = k* (N6)", () => {
    const flat = atomsOf(2).map((atom) => ({ ...atom, beta1: [0, 0] }));
    expect(asked({ gating: "sigmoid", expert: "linear", atoms: flat, inputDim: 2 }).exact.verdict).toBe(
      "unidentified",
    );
  });

  it("splits one atom per group of a hierarchical gate", () => {
    const atoms = [
      ...atomsOf(2),
      ...atomsOf(2).map((atom, j) => ({
        ...atom,
        beta1: [0.3 - j, 0.8 * j],
        a: [
          [0.4, -1.3],
          [1.1, 0.9],
        ][j],
      })),
    ];
    const shared = {
      groups: [
        { a: [0.7, 0.4], b: 0.2 },
        { a: [0, 0], b: 0 },
      ],
    };
    const gating = { family: "hierarchical", groups: 2 };
    const tanh = asked({ gating, expert: ffn("tanh"), atoms, shared, inputDim: 2 });
    expect([tanh.exact.verdict, tanh.over.verdict]).toEqual(["identified", "identified"]);
    expect(tanh.over.direction).toHaveLength(2);
    const linear = asked({ gating, expert: "linear", atoms, shared, inputDim: 2 });
    expect([linear.exact.verdict, linear.over.verdict]).toEqual(["identified", "unidentified"]);
  });

  it("works for Laplace, top-K and normalised sigmoid gates", () => {
    const over = (gating: GatingSpec, name = "beta1") =>
      asked({
        gating,
        expert: ffn("tanh", { bias: false }),
        atoms: atomsOf(2, { bias: false }).map(({ beta1, ...rest }) => ({ ...rest, [name]: beta1 })),
        inputDim: 2,
      });
    expect(over("laplace", "centre")).toMatchObject({
      exact: { verdict: "identified" },
      over: { verdict: "identified" },
    });
    expect(over({ family: "sigmoid", normalised: true }).exact.verdict).toBe("identified");
    expect(over({ family: "sigmoid", normalised: true }).over.direction).not.toBeNull();
    expect(over({ family: "top-k", k: 2 })).toMatchObject({
      exact: { verdict: "identified" },
      over: { verdict: "identified" },
    });
    expect(over({ family: "top-k", k: 2 }).over.direction).not.toBeNull();
  });
});
