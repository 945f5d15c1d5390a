import { BLOCK, referenceKernels } from "@moe-rates/kernels";
import type { Gating } from "@moe-rates/gating";
import type { Expert } from "@moe-rates/experts";
import { basisColumns, basisRange, writeBasis, type Basis } from "./basis.ts";
import { createEvaluator, evaluatorDoubles, type Evaluator } from "./evaluator.ts";
import {
  resolveFamily,
  shippedFamilies,
  type ExpertSpec,
  type Families,
  type GatingSpec,
} from "./families.ts";
import type { MixingMeasure, NamedAtom } from "./types.ts";

/** A channel with its place in the parameter vector. */
export interface ModelChannel {
  /** First basis column and number of basis columns. */
  readonly basis: number;
  readonly terms: number;
  /** Index of the first of its `terms` parameters. */
  readonly parameter: number;
  /** Atom it belongs to, null for a shared gate parameter. */
  readonly atom: number | null;
  readonly part: "gate" | "expert";
  /** Name of each parameter within its atom, `beta1[0]`, `beta0`, ... */
  readonly names: readonly string[];
}

/** A gating times an expert with k atoms on inputs of dimension d: f_G(x) = sum_j p_j(x) h(x, eta_j).
 *  Parameters theta: the gate channels of all atoms, then the expert channels atom by atom. */
export interface MixtureModel {
  readonly gating: Gating;
  readonly expert: Expert;
  readonly inputDim: number;
  readonly atoms: number;
  readonly channels: readonly ModelChannel[];
  /** Whether the basis holds x / |x| as well. */
  readonly normalised: boolean;
  readonly parameterCount: number;
  readonly parameterNames: readonly string[];
  /** Groups of parameters whose common shift leaves f_G unchanged (the gauge); empty without one. */
  readonly gaugeGroups: readonly Int32Array[];
  /** Parameter vector of named atoms. Throws when a field is missing, unknown, of the wrong length or not finite. */
  pack(atoms: readonly NamedAtom[]): Float64Array;
  unpack(theta: Float64Array): NamedAtom[];
  measure(theta: Float64Array): MixingMeasure;
  /** out_i = f_G(x_i) for column-major x of n rows. Throws when theta or x has the wrong length. */
  regression(theta: Float64Array, x: Float64Array, n: number, out: Float64Array): void;
}

/** What `createModel` builds: families (the shipped ones unless `families` says more), input dimension d and number of atoms k. */
export interface ModelRequest {
  readonly gating: GatingSpec;
  readonly expert: ExpertSpec;
  readonly inputDim: number;
  readonly atoms: number;
  readonly families?: Families;
}

/** Builds the model of a request. Throws on unknown families, options, or sizes that are not positive integers. */
export function createModel(request: ModelRequest): MixtureModel {
  const { inputDim, atoms, families = shippedFamilies } = request;
  for (const [name, value] of Object.entries({ inputDim, atoms })) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`${name} must be a positive integer, not ${value}`);
  }
  const gate = resolveFamily("gating", families.gatings, request.gating);
  const head = resolveFamily("expert", families.experts, request.expert);
  const gating = gate.family.create(inputDim, atoms, gate.options);
  const expert = head.family.create(inputDim, head.options);
  const channels = placeChannels(gating, expert, inputDim);
  const normalised = channels.some(
    (channel) => channel.basis > inputDim || channel.basis + channel.terms > inputDim + 1,
  );
  const last = channels[channels.length - 1];
  const parameterCount = last.parameter + last.terms;
  const parameterNames = channels.flatMap((channel) =>
    channel.names.map((name) => (channel.atom === null ? name : `atom[${channel.atom}].${name}`)),
  );
  let scratch:
    | { evaluator: Evaluator; basis: number; kernels: ReturnType<typeof referenceKernels>; theta: number }
    | undefined;
  const model: MixtureModel = {
    gating,
    expert,
    inputDim,
    atoms,
    channels,
    normalised,
    parameterCount,
    parameterNames,
    gaugeGroups: gating.gauge === "translation" ? translationGroups(channels) : [],
    pack: (named) => pack(model, named),
    unpack: (theta) => unpack(model, theta),
    measure: (theta) => measure(model, theta),
    regression(theta, x, n, out) {
      if (theta.length !== parameterCount)
        throw new RangeError(`expected ${parameterCount} parameters, got ${theta.length}`);
      if (x.length !== n * inputDim)
        throw new RangeError(`x holds ${x.length} numbers, expected ${n} rows of ${inputDim}`);
      if (!scratch) {
        const columns = basisColumns(inputDim, normalised);
        const kernels = referenceKernels(
          evaluatorDoubles(model, 0) + (columns + 1) * BLOCK + parameterCount + 64,
        );
        scratch = {
          kernels,
          evaluator: createEvaluator(model, kernels, 0),
          basis: kernels.memory.allocate(columns * BLOCK),
          theta: kernels.memory.allocate(parameterCount),
        };
      }
      const { evaluator, kernels, basis } = scratch;
      kernels.memory.f64.set(theta, scratch.theta);
      for (let from = 0; from < n; from += BLOCK) {
        const count = Math.min(BLOCK, n - from);
        writeBasis(kernels.memory, basis, x, n, inputDim, normalised, from, count);
        evaluator.forward(basis, scratch.theta, 0);
        out.set(kernels.memory.f64.subarray(evaluator.regression, evaluator.regression + count), from);
      }
    },
  };
  return model;
}

function placeChannels(gating: Gating, expert: Expert, inputDim: number): ModelChannel[] {
  const placed: ModelChannel[] = [];
  let parameter = 0;
  const place = (
    part: "gate" | "expert",
    atom: number | null,
    channel: { basis: Basis; slope: string; intercept: string },
  ) => {
    const { start, terms } = basisRange(channel.basis, inputDim);
    const slopes = Array.from({ length: inputDim }, (_, u) => `${channel.slope}[${u}]`);
    const names: Record<Basis, string[]> = {
      input: slopes,
      normalised: slopes,
      affine: [...slopes, channel.intercept],
      "normalised-affine": [channel.intercept, ...slopes],
      one: [channel.intercept],
    };
    placed.push({ basis: start, terms, parameter, atom, part, names: names[channel.basis] });
    parameter += terms;
  };
  for (const channel of gating.channels) place("gate", channel.atom, channel);
  for (let atom = 0; atom < gating.atoms; atom++)
    for (const channel of expert.channels) place("expert", atom, channel);
  return placed;
}

function translationGroups(channels: readonly ModelChannel[]): Int32Array[] {
  const groups = new Map<string, number[]>();
  for (const channel of channels) {
    if (channel.part !== "gate" || channel.atom === null) continue;
    channel.names.forEach((name, t) =>
      groups.set(name, [...(groups.get(name) ?? []), channel.parameter + t]),
    );
  }
  return [...groups.values()].map((indices) => Int32Array.from(indices));
}

function pack(model: MixtureModel, named: readonly NamedAtom[]): Float64Array {
  if (named.length !== model.atoms)
    throw new RangeError(`expected ${model.atoms} atoms, got ${named.length}`);
  const theta = new Float64Array(model.parameterCount);
  const known = named.map(() => new Set<string>());
  for (const channel of model.channels) {
    if (channel.atom === null) continue;
    channel.names.forEach((name, t) => {
      const { field, index } = splitName(name);
      const value = named[channel.atom!][field];
      const number =
        index === null
          ? value
          : Array.isArray(value) && value.length === model.inputDim
            ? value[index]
            : undefined;
      if (typeof number !== "number" || !Number.isFinite(number)) {
        const wanted = index === null ? "a finite number" : `${model.inputDim} finite numbers`;
        throw new TypeError(`atom[${channel.atom}].${field} must be ${wanted}, not ${shown(value)}`);
      }
      known[channel.atom!].add(field);
      theta[channel.parameter + t] = number;
    });
  }
  named.forEach((atom, j) => {
    for (const field of Object.keys(atom)) {
      if (!known[j].has(field))
        throw new TypeError(`atom[${j}] has an unknown field "${field}"; known: ${[...known[j]].join(", ")}`);
    }
  });
  return theta;
}

function unpack(model: MixtureModel, theta: Float64Array): NamedAtom[] {
  const named: NamedAtom[] = Array.from({ length: model.atoms }, () => ({}));
  for (const channel of model.channels) {
    if (channel.atom === null) continue;
    channel.names.forEach((name, t) => {
      const { field, index } = splitName(name);
      const value = theta[channel.parameter + t];
      if (index === null) named[channel.atom!][field] = value;
      else ((named[channel.atom!][field] ??= []) as number[])[index] = value;
    });
  }
  return named;
}

function splitName(name: string): { field: string; index: number | null } {
  const bracket = name.indexOf("[");
  return bracket < 0
    ? { field: name, index: null }
    : { field: name.slice(0, bracket), index: Number(name.slice(bracket + 1, -1)) };
}

function measure(model: MixtureModel, theta: Float64Array): MixingMeasure {
  const atoms = Array.from({ length: model.atoms }, (_, atom) => {
    const gate = model.channels.filter((channel) => channel.part === "gate" && channel.atom === atom);
    const head = model.channels.filter((channel) => channel.part === "expert" && channel.atom === atom);
    const intercepts = gate.flatMap((channel) =>
      channel.names.flatMap((name, t) => (name === "beta0" ? [theta[channel.parameter + t]] : [])),
    );
    const beta0 = intercepts[0] ?? 0;
    const slopes = gate.flatMap((channel) =>
      channel.names.flatMap((name, t) => (name === "beta0" ? [] : [theta[channel.parameter + t]])),
    );
    const eta = head.flatMap((channel) => [
      ...theta.subarray(channel.parameter, channel.parameter + channel.terms),
    ]);
    return {
      mass: model.gating.mass(beta0),
      beta0,
      beta1: Float64Array.from(slopes),
      eta: Float64Array.from(eta),
    };
  });
  return { gauge: model.gating.gauge, atoms };
}

/** A value as JSON, but NaN and infinities by name. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value);
}
