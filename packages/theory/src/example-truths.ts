import {
  createModel,
  type Families,
  type MixtureModel,
  type NamedAtom,
  shippedFamilies,
} from "@moe-rates/mixture";
import { wideHalton } from "./expert-symmetries.ts";
import { witnesses, type Witness } from "./witnesses.ts";

const ffn = (activation: string, more: Record<string, unknown> = {}) => ({
  family: "ffn",
  activation,
  ...more,
});
const gates = [
  { beta1: [1, -0.7], beta0: 0.4 },
  { beta1: [0, 0], beta0: 0 },
] as const;
const affine = [
  { a: [1, 2], b: 0.5 },
  { a: [-1, 0.5], b: -0.3 },
] as const;
const join = (...parts: readonly (readonly NamedAtom[])[]): NamedAtom[] =>
  parts[0].map((_, j) => Object.assign({}, ...parts.map((part) => part[j])) as NamedAtom);
const atoms = (...parts: readonly (readonly object[])[]): NamedAtom[] =>
  join(...(parts as readonly NamedAtom[][]));

/** A truth (d = 2) at which each rule of the audit applies. */
const truths: Readonly<
  Record<
    string,
    { gating: string | { family: string }; expert: string | { family: string }; atoms: NamedAtom[] }
  >
> = {
  N1: { gating: "softmax", expert: "linear", atoms: atoms(gates, affine) },
  N2: { gating: "softmax", expert: ffn("relu"), atoms: atoms(gates, affine) },
  N3: {
    gating: { family: "dense-to-sparse", router: "linear", temperature: 0.7 } as { family: string },
    expert: ffn("tanh"),
    atoms: atoms(gates, affine),
  },
  N4: { gating: "softmax", expert: ffn("gelu"), atoms: atoms(gates, affine) },
  N5: {
    gating: "sigmoid",
    expert: "linear",
    atoms: atoms(
      [
        { beta1: [1, -0.7], beta0: 0.4 },
        { beta1: [-0.6, 1], beta0: 0.2 },
      ],
      affine,
    ),
  },
  "N5-dead": {
    gating: "sigmoid",
    expert: ffn("relu"),
    atoms: atoms(
      [
        { beta1: [1, -0.7], beta0: 0.4 },
        { beta1: [-0.6, 1], beta0: 0.2 },
      ],
      affine,
    ),
  },
  N6: { gating: "softmax", expert: ffn("tanh"), atoms: atoms(gates.slice(0, 1), affine.slice(0, 1)) },
  "N6-flat": {
    gating: "sigmoid",
    expert: "linear",
    atoms: atoms(
      [
        { beta1: [0, 0], beta0: 0.4 },
        { beta1: [0, 0], beta0: -0.2 },
      ],
      affine,
    ),
  },
  "N6-scale": {
    gating: "sigmoid",
    expert: "linear",
    atoms: atoms(
      [
        { beta1: [0, 0], beta0: 0.4 },
        { beta1: [1, -0.7], beta0: 0.2 },
      ],
      affine,
    ),
  },
  "N6-normalised": {
    gating: { family: "sigmoid", normalised: true } as { family: string },
    expert: "linear",
    atoms: atoms(
      [
        { beta1: [1, -0.7], beta0: 0.4 },
        { beta1: [0, 0], beta0: 0.2 },
      ],
      affine,
    ),
  },
  N7: { gating: "softmax", expert: "linear", atoms: atoms(gates, affine) },
  N8: { gating: "softmax", expert: ffn("tanh"), atoms: atoms(gates, [affine[0], { a: [0, 0], b: 0 }]) },
  N8b: {
    gating: "softmax",
    expert: ffn("tanh", { bias: false }),
    atoms: atoms([gates[0], gates[0], gates[1]], [{ a: [1, 2] }, { a: [-1, -2] }, { a: [0.5, -1] }]),
  },
  N9: {
    gating: "softmax",
    expert: ffn("tanh"),
    atoms: atoms(gates, [
      { a: [0, 0], b: 0.6 },
      { a: [0, 0], b: -0.4 },
    ]),
  },
  N10: {
    gating: { family: "dense-to-sparse", router: "tanh", temperature: 0.7 } as { family: string },
    expert: ffn("tanh"),
    atoms: atoms(
      [
        { omega: [1.2, -0.8], beta0: 0.3 },
        { omega: [-0.6, 1], beta0: 0 },
      ],
      affine,
    ),
  },
};

/** A rule of the audit at its example. */
export interface ExampleWitness extends Witness {
  readonly truth: MixtureModel;
  readonly truthTheta: Float64Array;
}

/** Every rule of the audit at an example of its own, over 2,000 points of [-3, 3]^2. */
export function exampleWitnesses(families: Families = shippedFamilies): ExampleWitness[] {
  const points = wideHalton(2, 2000);
  return Object.entries(truths).map(([id, { gating, expert, atoms: named }]) => {
    const truth = createModel({ gating, expert, inputDim: 2, atoms: named.length, families });
    const temperature =
      typeof gating === "string" ? undefined : (gating as Record<string, unknown>)["temperature"];
    const truthTheta = truth.pack(
      named,
      temperature === undefined ? {} : { temperature: Number(temperature) },
    );
    const witness = witnesses(truth, truthTheta, points, families).find((one) => one.id === id);
    if (!witness) throw new Error(`rule ${id} does not hold at its own example`);
    return { ...witness, truth, truthTheta };
  });
}
