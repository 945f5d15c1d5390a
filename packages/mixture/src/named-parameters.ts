import type { MixtureModel, ModelChannel } from "./model.ts";
import type { NamedAtom, NamedShared } from "./types.ts";

/** Parameter vector of named atoms and shared parameters, those that are not named at their channel's value. Throws when a field is missing, unknown, of the wrong length or not finite. */
export function packParameters(
  model: MixtureModel,
  atoms: readonly NamedAtom[],
  shared: NamedShared = {},
): Float64Array {
  if (atoms.length !== model.atoms)
    throw new RangeError(`expected ${model.atoms} atoms, got ${atoms.length}`);
  const { groups, ...common } = shared;
  const count = model.gating.groups?.length ?? 0;
  if ((groups?.length ?? 0) !== count)
    throw new RangeError(`expected the gates of ${count} groups, got ${groups?.length ?? 0}`);
  const theta = new Float64Array(model.parameterCount);
  const of = (
    select: (channel: ModelChannel) => boolean,
    named: Readonly<Record<string, unknown>>,
    owner: string,
  ) => packOwner(model.channels.filter(select), named, owner, theta);
  atoms.forEach((atom, j) => of((channel) => channel.atom === j, atom, `atom[${j}]`));
  groups?.forEach((group, g) => of((channel) => channel.group === g, group, `group[${g}]`));
  const values = model.channels.flatMap(({ atom, group, names, value }) =>
    atom === null && group === null && value !== null ? names.map((name) => [name, value] as const) : [],
  );
  of(({ atom, group }) => atom === null && group === null, { ...Object.fromEntries(values), ...common }, "");
  return theta;
}

/** Atoms under the theory's names. */
export function unpackAtoms(model: MixtureModel, theta: Float64Array): NamedAtom[] {
  return Array.from({ length: model.atoms }, (_, j) => unpackOwner(model, theta, ({ atom }) => atom === j));
}

/** Shared parameters under the theory's names, the gates of groups under `groups`. */
export function unpackShared(model: MixtureModel, theta: Float64Array): NamedShared {
  const common = unpackOwner(model, theta, ({ atom, group }) => atom === null && group === null);
  const { groups } = model.gating;
  if (!groups) return common;
  return { ...common, groups: groups.map((_, g) => unpackOwner(model, theta, ({ group }) => group === g)) };
}

function packOwner(
  channels: readonly ModelChannel[],
  named: Readonly<Record<string, unknown>>,
  owner: string,
  theta: Float64Array,
): void {
  const known = new Map<string, number>();
  for (const { field, index } of channels.flatMap(({ names }) => names.map(splitName)))
    known.set(field, Math.max(known.get(field) ?? 0, (index ?? -1) + 1));
  for (const channel of channels) {
    channel.names.forEach((name, t) => {
      const { field, index } = splitName(name);
      const value = named[field];
      const length = known.get(field);
      const number =
        index === null
          ? value
          : Array.isArray(value) && value.length === length
            ? (value[index] as unknown)
            : undefined;
      if (typeof number !== "number" || !Number.isFinite(number)) {
        const wanted = index === null ? "a finite number" : `${length} finite numbers`;
        throw new TypeError(`${fieldOf(owner, field)} must be ${wanted}, not ${shown(value)}`);
      }
      theta[channel.parameter + t] = number;
    });
  }
  for (const field of Object.keys(named)) {
    if (known.has(field)) continue;
    const names = [...known.keys()].join(", ");
    throw new TypeError(
      owner === ""
        ? `unknown shared parameter "${field}"; known: ${names === "" ? "none" : names}`
        : `${owner} has an unknown field "${field}"; known: ${names}`,
    );
  }
}

function unpackOwner(
  model: MixtureModel,
  theta: Float64Array,
  owns: (channel: ModelChannel) => boolean,
): NamedAtom {
  const named: NamedAtom = {};
  for (const channel of model.channels) {
    if (!owns(channel)) continue;
    channel.names.forEach((name, t) => {
      const { field, index } = splitName(name);
      const value = theta[channel.parameter + t];
      if (index === null) named[field] = value;
      else ((named[field] ??= []) as number[])[index] = value;
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

function fieldOf(owner: string, field: string): string {
  return owner === "" ? field : `${owner}.${field}`;
}

/** A value as JSON, but NaN and infinities by name. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  return typeof value === "number" || value === undefined ? String(value) : JSON.stringify(value);
}
