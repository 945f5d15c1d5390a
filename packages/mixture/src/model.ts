import { BLOCK, referenceKernels } from "@moe-rates/kernels";
import type { Gating, GatingFamily } from "@moe-rates/gating";
import type { Expert, ExpertFamily } from "@moe-rates/experts";
import { basisColumns, basisRange, writeBasis, type Basis } from "./basis.ts";
import { createEvaluator, evaluatorDoubles, type Evaluator } from "./evaluator.ts";
import {
  resolveFamily,
  shippedFamilies,
  type ExpertSpec,
  type Families,
  type GatingSpec,
} from "./families.ts";
import { measureOf } from "./measure-of.ts";
import { packParameters, unpackAtoms, unpackShared } from "./named-parameters.ts";
import type { MixingMeasure, NamedAtom, NamedShared } from "./types.ts";

/** A channel with its place in the parameter vector. */
export interface ModelChannel {
  /** First basis column and number of basis columns. */
  readonly basis: number;
  readonly terms: number;
  /** Index of the first of its `terms` parameters. */
  readonly parameter: number;
  /** Atom it belongs to, null for a shared gate parameter. */
  readonly atom: number | null;
  /** Group whose gate it is, null for anything else. */
  readonly group: number | null;
  readonly part: "gate" | "expert";
  /** Name of each parameter within its atom, `beta1[0]`, `beta0`, ... */
  readonly names: readonly string[];
  /** Lowest and highest value of its parameters, in place of a fit's box. */
  readonly bounds: readonly [number, number] | null;
  /** Input on whose scale the parameter lies (a coordinate of a place), null elsewhere. */
  readonly input: number | null;
  /** What `pack` gives a shared parameter that is not named; null where it must be. */
  readonly value: number | null;
}

/** Families of a model with all their options. */
export interface ModelFamilies {
  readonly gating: { readonly family: GatingFamily; readonly options: Readonly<Record<string, unknown>> };
  readonly expert: { readonly family: ExpertFamily; readonly options: Readonly<Record<string, unknown>> };
}

/** A gating times an expert with k atoms on inputs of dimension d: f_G(x) = sum_j p_j(x) h(x, eta_j).
 *  Parameters theta: the gate channels of all atoms, then the expert channels atom by atom. */
export interface MixtureModel {
  readonly gating: Gating;
  readonly expert: Expert;
  /** The families behind them, with every option filled in. */
  readonly families: ModelFamilies;
  readonly inputDim: number;
  readonly atoms: number;
  readonly channels: readonly ModelChannel[];
  /** Whether the basis holds x / |x| as well. */
  readonly normalised: boolean;
  readonly parameterCount: number;
  readonly parameterNames: readonly string[];
  /** Groups of parameters whose common shift leaves f_G unchanged (the gauge); empty without one. */
  readonly gaugeGroups: readonly Int32Array[];
  /** Parameter vector of named atoms and, where the gate has some, of the parameters they share (default: the gating's own values, its option `temperature`).
   *  Throws when a field is missing, unknown, of the wrong length or not finite. */
  pack(atoms: readonly NamedAtom[], shared?: NamedShared): Float64Array;
  unpack(theta: Float64Array): NamedAtom[];
  /** What `unpack` leaves out; empty for gates without shared parameters. */
  unpackShared(theta: Float64Array): NamedShared;
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
    channel.names.map((name) => `${ownerOf(channel)}${name}`),
  );
  let scratch:
    | { evaluator: Evaluator; basis: number; kernels: ReturnType<typeof referenceKernels>; theta: number }
    | undefined;
  const model: MixtureModel = {
    gating,
    expert,
    families: { gating: gate, expert: head },
    inputDim,
    atoms,
    channels,
    normalised,
    parameterCount,
    parameterNames,
    gaugeGroups: gaugeGroups(gating, channels),
    pack: (atoms, shared) => packParameters(model, atoms, shared),
    unpack: (theta) => unpackAtoms(model, theta),
    unpackShared: (theta) => unpackShared(model, theta),
    measure: (theta) => measureOf(model, theta),
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
    channel: {
      basis: Basis;
      slope: string;
      intercept: string;
      group?: number;
      slopeFrom?: number;
      bounds?: readonly [number, number];
      value?: number;
      input?: number;
    },
  ) => {
    const { start, terms } = basisRange(channel.basis, inputDim);
    const { slopeFrom = 0, bounds = null, value = null, input = null } = channel;
    const slopes = Array.from({ length: inputDim }, (_, u) => `${channel.slope}[${slopeFrom + u}]`);
    const names: Record<Basis, string[]> = {
      input: slopes,
      normalised: slopes,
      affine: [...slopes, channel.intercept],
      "normalised-affine": [channel.intercept, ...slopes],
      one: [channel.intercept],
    };
    placed.push({
      basis: start,
      terms,
      parameter,
      atom,
      group: channel.group ?? null,
      part,
      names: names[channel.basis],
      bounds,
      input,
      value,
    });
    parameter += terms;
  };
  for (const channel of gating.channels) place("gate", channel.atom, channel);
  for (let atom = 0; atom < gating.atoms; atom++)
    for (const channel of expert.channels) place("expert", atom, channel);
  return placed;
}

/** Parameters that the gauge shifts together: those of one name over all atoms, with two levels over all groups and over the atoms of
 *  each. */
function gaugeGroups(gating: Gating, channels: readonly ModelChannel[]): Int32Array[] {
  const { gauge } = gating;
  const groupOf = gating.groups?.flatMap((size, g) => Array.from({ length: size }, () => g));
  const groups = new Map<string, number[]>();
  for (const channel of channels) {
    if (channel.part !== "gate" || (channel.atom === null && channel.group === null)) continue;
    const level = channel.atom === null ? "group" : `atom ${groupOf?.[channel.atom] ?? 0}`;
    channel.names.forEach((name, t) => {
      if (gauge === "none" || (gauge === "intercept" && name !== "beta0")) return;
      const key = `${level} ${name}`;
      groups.set(key, [...(groups.get(key) ?? []), channel.parameter + t]);
    });
  }
  return [...groups.values()].map((indices) => Int32Array.from(indices));
}

/** `atom[1].`, `group[0].`, or nothing for what all atoms share. */
function ownerOf({ atom, group }: ModelChannel): string {
  if (atom !== null) return `atom[${atom}].`;
  return group === null ? "" : `group[${group}].`;
}
