import type { Activation, Kernels } from "@moe-rates/kernels";
import { upperPairs } from "./channel-pairs.ts";
import type { AtomField, GatingChannel } from "./gating.ts";

/** Addresses a router reads and writes for one atom and one block. */
export interface RouterColumns {
  readonly channels: readonly number[];
  /** Output: pi(x, omega) + beta0. */
  readonly value: number;
  /** Output: first derivatives in the channels; columns to work with at order 0. */
  readonly first: readonly number[];
  /** Output: second derivatives for the pairs of `secondPairs`. */
  readonly second: readonly number[];
}

/** The map pi(x, omega) + beta0 of an atom as a function of its channels. */
export interface Router {
  readonly channels: readonly Omit<GatingChannel, "atom">[];
  readonly secondPairs: readonly (readonly [number, number])[];
  readonly fields: readonly AtomField[];
  evaluate(kernels: Kernels, columns: RouterColumns, n: number, order: 0 | 1 | 2): void;
}

/** Routers by name. `mlp` is a layer of tanh units. */
export const routerNames = ["linear", "tanh", "sigmoid", "gelu", "mlp"] as const;

const beta0: AtomField = { name: "beta0", length: null };
const intercept = { basis: "one", slope: "", intercept: "beta0" } as const;

/** The router of a name: linear beta1 . x + beta0; tanh, sigmoid, gelu: phi(omega . x) + beta0; mlp of m units:
 *  sum_m v_m tanh(w_m . x + c_m) + beta0 with omega = (w_1, c_1, v_1, .., w_m, c_m, v_m). */
export function routerOf(name: string, inputDim: number, width: number): Router {
  if (name === "linear") return linearRouter(inputDim);
  if (name === "mlp") return layerRouter(inputDim, width);
  return ridgeRouter(name === "sigmoid" ? "logistic" : (name as Activation), inputDim);
}

function linearRouter(inputDim: number): Router {
  return {
    channels: [{ basis: "affine", slope: "beta1", intercept: "beta0" }],
    secondPairs: [],
    fields: [{ name: "beta1", length: inputDim }, beta0],
    evaluate(kernels, { channels, value, first }, n, order) {
      kernels.scale(value, channels[0], 1, n);
      if (order > 0) kernels.fill(first[0], 1, n);
    },
  };
}

function ridgeRouter(phi: Activation, inputDim: number): Router {
  return {
    channels: [{ basis: "input", slope: "omega", intercept: "" }, intercept],
    secondPairs: [[0, 0]],
    fields: [{ name: "omega", length: inputDim }, beta0],
    evaluate(kernels, { channels, value, first, second }, n, order) {
      kernels.activation(phi, channels[0], n, order, value, first[0], second[0]);
      kernels.fill(first[1], 1, n);
      kernels.multiplyAdd(value, channels[1], first[1], n);
    },
  };
}

function layerRouter(inputDim: number, width: number): Router {
  const unit = inputDim + 2;
  const channels = Array.from({ length: width }, (_, m): Omit<GatingChannel, "atom">[] => [
    { basis: "affine", slope: "omega", slopeFrom: m * unit, intercept: `omega[${m * unit + inputDim}]` },
    { basis: "one", slope: "", intercept: `omega[${m * unit + inputDim + 1}]` },
  ]).flat();
  const own = upperPairs(2).slice(0, 2);
  return {
    channels: [...channels, intercept],
    secondPairs: Array.from({ length: width }, (_, m) =>
      own.map(([a, b]): [number, number] => [2 * m + a, 2 * m + b]),
    ).flat(),
    fields: [{ name: "omega", length: width * unit }, beta0],
    evaluate(kernels, { channels: at, value, first, second }, n, order) {
      kernels.scale(value, at[2 * width], 1, n);
      for (let m = 0; m < width; m++) {
        const [u, v] = [2 * m, 2 * m + 1];
        kernels.activation("tanh", at[u], n, order, first[v], first[u], second[2 * m]);
        kernels.multiplyAdd(value, at[v], first[v], n);
        if (order === 0) continue;
        if (order === 2) {
          kernels.scale(second[2 * m + 1], first[u], 1, n);
          kernels.multiply(second[2 * m], second[2 * m], at[v], n);
        }
        kernels.multiply(first[u], first[u], at[v], n);
      }
      kernels.fill(first[2 * width], 1, n);
    },
  };
}
