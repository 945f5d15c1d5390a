import type { GatingFamily } from "./gating.ts";
import { gaugeOf } from "./gauge-of.ts";
import { normalisedGate } from "./normalised-gate.ts";
import { routerNames, routerOf } from "./routers.ts";

/** Dense-to-sparse gating p_j(x) proportional to exp((pi(x, omega_j) + beta0_j) / tau) with a fitted temperature tau that all atoms share,
 *  equations (13) and (17) of arXiv 2503.03213; pi is linear, or a router of `routerOf`. The mass of an atom is exp(beta0 / tau).
 *  With s = (pi + beta0) / tau: ds/dtau = -s / tau, d2s/dtau2 = 2 s / tau^2, d2s/(dc dtau) = -(ds/dc) / tau.
 *  The linear router is unchanged under (beta1, beta0, tau) -> c (beta1, beta0, tau), an mlp under (v, beta0, tau) -> c (v, beta0, tau): there
 *  tau is not identified. */
export const denseToSparse: GatingFamily = {
  name: "dense-to-sparse",
  description: "p_j(x) proportional to exp((router(x) + beta0_j) / temperature)",
  gauge: ({ router }) => (router === "linear" || router === undefined ? "translation" : "intercept"),
  options: {
    router: {
      type: "string",
      allowed: routerNames,
      default: "linear",
      description: "beta1 . x, a function of omega . x, or a layer of tanh units",
    },
    width: { type: "integer", minimum: 1, maximum: 16, default: 2, description: "units of the mlp router" },
    temperature: {
      type: "number",
      minimum: 1e-3,
      maximum: 1e3,
      default: 1,
      estimated: true,
      description: "the true temperature; fits estimate it",
    },
    temperatureMin: {
      type: "number",
      minimum: 1e-3,
      maximum: 1e3,
      default: 0.05,
      description: "lower bound of fitted temperatures",
    },
    temperatureMax: {
      type: "number",
      minimum: 1e-3,
      maximum: 1e3,
      default: 20,
      description: "upper bound of fitted temperatures",
    },
  },
  mainOption: "router",
  optionsProblem({ temperature, temperatureMin, temperatureMax }) {
    const [low, high] = [Number(temperatureMin), Number(temperatureMax)];
    if (!(low < high))
      return { option: "temperatureMin", message: `must be below temperatureMax, ${high}; got ${low}` };
    const tau = Number(temperature);
    if (!(tau < low || tau > high)) return null;
    return {
      option: "temperature",
      message: `must lie between temperatureMin, ${low}, and temperatureMax, ${high}; got ${tau}`,
    };
  },
  atomFields: (inputDim, { router, width }) =>
    routerOf(String(router ?? "linear"), inputDim, Number(width ?? 2)).fields,
  create(inputDim, atoms, { router: name, width, temperature, temperatureMin, temperatureMax }) {
    const router = routerOf(String(name ?? "linear"), inputDim, Number(width ?? 2));
    const own = router.channels.length;
    const shared = own * atoms;
    const bounds = [Number(temperatureMin ?? 0.05), Number(temperatureMax ?? 20)] as const;
    const routerPairs = router.secondPairs.length;
    const secondPairs = [
      ...router.secondPairs,
      ...Array.from({ length: own + 1 }, (_, a): [number, number] => [a, own]),
    ];
    return normalisedGate({
      family: "dense-to-sparse",
      atoms,
      gauge: gaugeOf(denseToSparse, { router: name }),
      channels: [
        ...Array.from({ length: atoms }, (_, atom) =>
          router.channels.map((channel) => ({ ...channel, atom })),
        ).flat(),
        {
          atom: null,
          basis: "one",
          slope: "",
          intercept: "temperature",
          bounds,
          value: Number(temperature ?? 1),
        },
      ],
      mass: (intercept, tau = 1) => Math.exp(intercept / tau),
      score: {
        inputs: (atom) => [...Array.from({ length: own }, (_, a) => atom * own + a), shared],
        secondPairs,
        evaluate(kernels, { channels, score, first, second }, n, order) {
          const tau = kernels.memory.f64[channels[own]];
          const inverse = 1 / tau;
          router.evaluate(kernels, { channels, value: score, first, second }, n, order);
          kernels.scale(score, score, inverse, n);
          if (order === 0) return;
          for (let a = 0; a < own; a++) kernels.scale(first[a], first[a], inverse, n);
          kernels.scale(first[own], score, -inverse, n);
          if (order === 1) return;
          for (let pair = 0; pair < routerPairs; pair++)
            kernels.scale(second[pair], second[pair], inverse, n);
          for (let a = 0; a < own; a++) kernels.scale(second[routerPairs + a], first[a], -inverse, n);
          kernels.scale(second[routerPairs + own], score, 2 * inverse * inverse, n);
        },
      },
    });
  },
};
