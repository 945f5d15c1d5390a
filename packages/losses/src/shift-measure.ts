import type { MeasureAtom, MixingMeasure } from "@moe-rates/mixture";

/** The measure with t0 added to every beta0 and t1 to every beta1; masses exp(beta0), or exp(beta0 / tau) with a temperature. */
export function shiftMeasure(measure: MixingMeasure, t0: number, t1: Float64Array): MixingMeasure {
  const { temperature } = measure;
  return {
    ...measure,
    atoms: measure.atoms.map(({ beta0, beta1, eta }) => ({
      mass: Math.exp(temperature === undefined ? beta0 + t0 : (beta0 + t0) / temperature),
      beta0: beta0 + t0,
      beta1: beta1.map((value, u) => value + t1[u]),
      eta,
    })),
  };
}

/** The softmax form of gates with a temperature and slopes: (beta1 / tau, beta0 / tau), what such a measure identifies. Others are returned as they are. */
export function softmaxForm(measure: MixingMeasure): MixingMeasure {
  const { temperature, atoms } = measure;
  if (temperature === undefined || measure.gauge !== "translation") return withoutTemperature(measure);
  return {
    gauge: "translation",
    atoms: atoms.map(({ mass, beta0, beta1, eta }): MeasureAtom => ({
      mass,
      beta0: beta0 / temperature,
      beta1: beta1.map((value) => value / temperature),
      eta,
    })),
  };
}

/** Router gates keep omega; their beta0 becomes the logarithm of the mass. */
function withoutTemperature(measure: MixingMeasure): MixingMeasure {
  const { temperature, ...rest } = measure;
  if (temperature === undefined) return measure;
  return { ...rest, atoms: measure.atoms.map((atom) => ({ ...atom, beta0: atom.beta0 / temperature })) };
}
