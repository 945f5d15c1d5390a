import { referenceKernels, type Kernels } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
  type ExpertSpec,
  type GatingSpec,
  type MixtureModel,
  type MixtureObjective,
  type NamedAtom,
} from "@moe-rates/mixture";
import { globalFitDoubles, mixedPolicy, type GlobalFitRequest } from "../../src/index.ts";

/** A data set drawn from a mixture with x uniform on [-3, 3]^d. */
export interface MixtureData {
  readonly truth: MixtureModel;
  readonly theta: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly noise: number;
}

export const tanhWithoutBias: ExpertSpec = { family: "ffn", activation: "tanh", bias: false };

/** Two atoms in d = 2 with tanh experts: the primary design of the softmax studies. */
export const primaryAtoms: NamedAtom[] = [
  { beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8] },
  { beta1: [0, 0], beta0: 0, a: [-0.8, 1.6] },
];

/** An atom's gate under the names of a gating: its vector and beta0. */
export function gateOf(gating: GatingSpec, slope: number[], beta0: number): NamedAtom {
  const family = typeof gating === "string" ? gating : gating.family;
  const router = typeof gating === "string" ? undefined : gating["router"];
  if (family === "laplace") return { centre: slope, beta0 };
  return router === undefined || router === "linear" ? { beta1: slope, beta0 } : { omega: slope, beta0 };
}

export function drawData(
  key: string,
  n: number,
  noise = 0.1,
  gating: GatingSpec = "softmax",
  atoms = primaryAtoms,
  expert: ExpertSpec = tanhWithoutBias,
): MixtureData {
  const truth = createModel({ gating, expert, inputDim: 2, atoms: atoms.length });
  const theta = truth.pack(atoms);
  const random = stream("estimators test", key, n);
  const x = Float64Array.from({ length: 2 * n }, () => 6 * random.uniform() - 3);
  const y = new Float64Array(n);
  truth.regression(theta, x, n, y);
  for (let i = 0; i < n; i++) y[i] += noise * random.normal();
  return { truth, theta, x, y, noise };
}

export function objectiveOn(
  model: MixtureModel,
  { x, y }: Pick<MixtureData, "x" | "y">,
  kernels?: Kernels,
): MixtureObjective {
  const n = y.length;
  const { inputDim, normalised } = model;
  const own =
    kernels ??
    referenceKernels(
      dataDoubles(n, inputDim, normalised) + objectiveDoubles(model, 2 * inputDim + 1) + 200_000,
    );
  return createObjective(model, loadData(own, { x, y, inputDim, normalised }), own);
}

/** A global fit with k atoms of the truth's families and default settings. */
export function requestFor(
  data: MixtureData,
  atoms: number,
  changes: Partial<GlobalFitRequest> = {},
): GlobalFitRequest {
  const { truth, x, y } = data;
  const models = new Map<number, MixtureModel>();
  const modelWith = (k: number): MixtureModel => {
    const known =
      models.get(k) ??
      createModel({
        gating: { family: truth.families.gating.family.name, ...truth.families.gating.options },
        expert: expertSpecOf(truth),
        inputDim: truth.inputDim,
        atoms: k,
      });
    models.set(k, known);
    return known;
  };
  return {
    kernels: referenceKernels(globalFitDoubles(y.length, modelWith(atoms))),
    x,
    y,
    inputDim: truth.inputDim,
    modelWith,
    atoms,
    box: 10,
    policy: mixedPolicy,
    points: [],
    random: (purpose) => stream("estimators test fit", purpose),
    ...changes,
  };
}

function expertSpecOf(model: MixtureModel): ExpertSpec {
  return model.expert.family === "linear" ? "linear" : tanhWithoutBias;
}
