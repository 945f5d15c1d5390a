import { createModel, type ExpertSpec, type Families, shippedFamilies } from "@moe-rates/mixture";
import { modelJet, type Points } from "./model-jet.ts";

/** An expert h(x, eta) with its analytic derivatives in eta over fixed points. */
export interface ExpertJet {
  /** Names of the components of eta. */
  readonly names: readonly string[];
  readonly value: Float64Array;
  readonly gradient: readonly Float64Array[];
  hessian(s: number, t: number): Float64Array;
}

/** A registered or plugged-in expert, ready to be evaluated. */
export interface ExpertFunction {
  readonly names: readonly string[];
  /** Throws when eta has the wrong length. */
  jet(eta: Float64Array, points: Points): ExpertJet;
}

/** The expert a specification names, on inputs of dimension d. A mixture of one atom is its expert, whatever the gate. */
export function expertFunction(
  spec: ExpertSpec,
  inputDim: number,
  families: Families = shippedFamilies,
): ExpertFunction {
  const model = createModel({ gating: "softmax", expert: spec, inputDim, atoms: 1, families });
  const parts = model.channels.filter((channel) => channel.part === "expert");
  const indices = parts.flatMap((channel) => channel.names.map((_, t) => channel.parameter + t));
  const names = parts.flatMap((channel) => channel.names);
  return {
    names,
    jet(eta, points) {
      if (eta.length !== indices.length)
        throw new RangeError(`this expert has ${indices.length} parameters, got ${eta.length}`);
      const theta = new Float64Array(model.parameterCount);
      indices.forEach((index, s) => (theta[index] = eta[s]));
      const all = modelJet(model, theta, points);
      return {
        names,
        value: all.value,
        gradient: indices.map((index) => all.jacobian[index]),
        hessian: (s, t) => all.hessian(indices[s], indices[t]),
      };
    },
  };
}
