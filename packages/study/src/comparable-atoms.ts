import type { MixtureModel } from "@moe-rates/mixture";

/** A gating or an expert with all its options, as comparisons see it. */
export interface ComparedFamily {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Both families of a model. */
export interface ComparedModel {
  readonly gauge: string;
  readonly gating: ComparedFamily;
  readonly expert: ComparedFamily;
}

/** Options of a gating under which atoms stay comparable: they change weights, not what the parameters of an atom mean. */
const harmless = new Set(["temperature", "temperatureMin", "temperatureMax", "k", "rank"]);

/**
 * Why atoms of two models cannot be compared parameter by parameter; null when they can. They need one gauge, the same expert with the same options, and
 * gates whose parameters mean the same: gates of different families do if their gauge is a translation at one level (softmax, top-K and dense-to-sparse
 * with a linear router are softmax forms) or if there is none. Experts and routers made of interchangeable units are compared as functions only.
 */
export function incomparable(truth: ComparedModel, fit: ComparedModel): string | null {
  if (truth.expert.name !== fit.expert.name || !sameOptions(truth.expert, fit.expert))
    return "its experts are others than the truth's";
  if (hasUnits(truth.expert)) return "its experts have units that can change places";
  if (hasUnits(truth.gating) || hasUnits(fit.gating)) return "its routers have units that can change places";
  const alike =
    truth.gating.name === fit.gating.name
      ? sameOptions(truth.gating, fit.gating)
      : ["translation", "none"].includes(truth.gauge) &&
        ![truth, fit].some(({ gating }) => gating.name === "hierarchical");
  return alike && truth.gauge === fit.gauge ? null : "its gates have other parameters than the truth's";
}

/** Whether atoms of two models can be compared parameter by parameter (`incomparable`). */
export function comparableAtoms(truth: MixtureModel, fit: MixtureModel): boolean {
  return incomparable(compared(truth), compared(fit)) === null;
}

function compared({ gating, families }: MixtureModel): ComparedModel {
  const named = ({ family, options }: (typeof families)["gating"] | (typeof families)["expert"]) => ({
    name: family.name,
    options,
  });
  return { gauge: gating.gauge, gating: named(families.gating), expert: named(families.expert) };
}

function sameOptions(a: ComparedFamily, b: ComparedFamily): boolean {
  return [...new Set([...Object.keys(a.options), ...Object.keys(b.options)])].every(
    (option) => harmless.has(option) || a.options[option] === b.options[option],
  );
}

/** Units of one hidden layer can change places, and odd ones signs, without a change of the function. */
function hasUnits({ options }: ComparedFamily): boolean {
  return options["router"] === undefined ? Number(options["width"] ?? 1) > 1 : options["router"] === "mlp";
}
