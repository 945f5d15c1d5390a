import {
  createModel,
  type ExpertSpec,
  type GatingSpec,
  type NamedAtom,
  type NamedShared,
} from "@moe-rates/mixture";
import { degenerateSequence, type SequencePoint, type SequenceTheorem } from "./degenerate-sequences.ts";
import type { Points } from "./model-jet.ts";

const linear = [
  { a: [1, 2], b: 0.5 },
  { a: [-1, 0.5], b: -0.3 },
] as const;
const gate = [
  { beta1: [1, -0.5], beta0: 0.3 },
  { beta1: [0, 0], beta0: 0 },
] as const;
const joined = (...parts: readonly (readonly object[])[]): NamedAtom[] =>
  parts[0].map((_, j) => Object.assign({}, ...parts.map((part) => part[j])) as NamedAtom);

interface Example {
  readonly gating: GatingSpec;
  readonly expert: ExpertSpec;
  readonly atoms: NamedAtom[];
  readonly shared?: NamedShared;
}

/** A truth (d = 2) for every theorem. */
const examples: Readonly<Record<SequenceTheorem, Example>> = {
  "theorem-2": { gating: "softmax", expert: "linear", atoms: joined(gate, linear) },
  "theorem-3": {
    gating: { family: "dense-to-sparse", router: "linear", temperature: 1.5 },
    expert: { family: "ffn", activation: "tanh" },
    atoms: joined(gate, linear),
    shared: { temperature: 1.5 },
  },
  "theorem-6": {
    gating: { family: "hierarchical", groups: 2 },
    expert: "linear",
    atoms: joined(
      [...gate, { beta1: [-0.6, 0.8], beta0: -0.2 }, gate[1]],
      [...linear, { a: [0.5, -1], b: 1 }, { a: [2, 1], b: 0 }],
    ),
    shared: {
      groups: [
        { a: [0.7, 0.4], b: 0.2 },
        { a: [0, 0], b: 0 },
      ],
    },
  },
  "sigmoid-theorem-4": {
    gating: "sigmoid",
    expert: "linear",
    atoms: joined(
      [
        { beta1: [0, 0], beta0: 0.4 },
        { beta1: [1, -0.7], beta0: -0.2 },
      ],
      linear,
    ),
  },
  "sigmoid-theorem-3": {
    gating: "sigmoid",
    expert: { family: "ffn", activation: "tanh" },
    atoms: joined(
      [
        { beta1: [0, 0], beta0: 0.4 },
        { beta1: [1, -0.7], beta0: -0.2 },
      ],
      [{ a: [0, 0], b: 0.5 }, linear[1]],
    ),
  },
};

/** The table of degenerate sequences: D_r and ||f_Gn - f_G*|| / D_r for every theorem at its example, r = 1, 2, 3 and the given n. While the loss
 *  falls to zero, so does the ratio: no inequality ||f_G - f_G*|| >= C D_r holds near G*. */
export function sequenceTable(points: Points, sizes: readonly number[] = [10, 100, 1000]): SequencePoint[] {
  return (Object.keys(examples) as SequenceTheorem[]).flatMap((theorem) => {
    const { gating, expert, atoms, shared } = examples[theorem];
    const model = createModel({ gating, expert, inputDim: 2, atoms: atoms.length });
    const theta = model.pack(atoms, shared);
    return [1, 2, 3].flatMap((r) =>
      sizes.map((n) => degenerateSequence(theorem, model, theta, points, { r, n })),
    );
  });
}
