import { createModel, type NamedAtom } from "@moe-rates/mixture";
import { describe, expect, it } from "vitest";
import { identify, predictionsFor, wideHalton, type Direction } from "../src/index.ts";

const tanh = { family: "ffn", activation: "tanh", bias: false, scale: false, normalise: false };
const slopes = [
  [1, -0.7],
  [-0.6, 0.5],
  [0.3, 1.2],
];
const directions = [
  [1.6, 0.8],
  [-0.8, 1.6],
  [0.5, -2],
];
const truth = (k: number, linear: boolean, gate: "beta1" | "centre" = "beta1"): NamedAtom[] =>
  Array.from({ length: k }, (_, j) => ({
    [gate]: slopes[j],
    beta0: 0.4 - 0.3 * j,
    a: directions[j],
    ...(linear && { b: 0.3 - 0.4 * j }),
  }));
const still = (atoms: NamedAtom[]): NamedAtom[] =>
  atoms.map((atom, j) => (j === 0 ? atom : { ...atom, beta1: j === 1 ? [0, 0] : atom["beta1"] }));
const normalised = { family: "sigmoid", normalised: true };

/** Whether the registry expects n^-1/2 of exactly specified experts, and what the Jacobian at the truth says. */
function both(gating: string | { family: string }, expert: string | typeof tanh, atoms: NamedAtom[]) {
  const k = atoms.length;
  const model = createModel({ gating, expert, inputDim: 2, atoms: k });
  const { exact } = identify(model, model.pack(atoms), wideHalton(2, 1500), { extra: 0 });
  const row = predictionsFor({
    gating,
    expert,
    inputDim: 2,
    trueAtoms: k,
    fittedAtoms: k,
    atoms,
    losses: ["components"],
  }).find(({ component }) => component === "exact-expert-error")!;
  return { verdict: exact.verdict, kind: row.audited?.kind, direction: exact.direction as Direction };
}

describe("audited rates of gates that papers treat for densities", () => {
  it.each([
    ["Laplace, tanh", "laplace", tanh, truth(2, false, "centre")],
    ["Laplace, linear", "laplace", "linear", truth(2, true, "centre")],
    ["top-2 of 3, tanh", { family: "top-k", k: 2 }, tanh, truth(3, false)],
    ["normalised sigmoid, tanh", normalised, tanh, truth(2, false)],
    ["normalised sigmoid, linear, all gates with slope", normalised, "linear", truth(2, true)],
    ["normalised sigmoid, tanh, a gate without slope", normalised, tanh, still(truth(2, false))],
    [
      "normalised sigmoid, linear, three atoms, a gate without slope",
      normalised,
      "linear",
      still(truth(3, true)),
    ],
  ])("are n^-1/2 when exactly specified, and the Jacobian has full rank: %s", (_, gating, expert, atoms) => {
    expect(both(gating, expert, atoms)).toMatchObject({ verdict: "identified", kind: "power" });
  });

  it("leave two normalised sigmoid gates free where one has no slope and experts are linear", () => {
    const found = both(normalised, "linear", still(truth(2, true)));
    expect(found).toMatchObject({ verdict: "unidentified", kind: "not-identified" });
    expect(Math.abs(found.direction["atom[1].beta0"])).toBeGreaterThan(0.1);
  });
});
