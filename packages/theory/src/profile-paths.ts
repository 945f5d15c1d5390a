import { symmetricEigen, type Stream } from "@moe-rates/math";
import { createModel, type Families, type MixtureModel, type NamedAtom } from "@moe-rates/mixture";
import { modelJet, type Points } from "./model-jet.ts";
import type { SharpTest } from "./sharp-test.ts";
import { specOf, splitAtoms, type SplitModel } from "./split-atoms.ts";

/** A one-parameter family of parameters that leaves the truth: theta(t) is sought with w . theta = w . origin + t, starting from
 *  `start(t)` or, once under way, from the last solution moved on by `onward`. */
export interface ProfilePath {
  readonly model: MixtureModel;
  readonly origin: Float64Array;
  /** Linear function of the parameters that is held at its target. */
  readonly pin: Float64Array;
  readonly direction: Float64Array;
  readonly targets: readonly number[];
}

const geometric = (from: number, to: number, ratio: number): number[] => {
  const values: number[] = [];
  for (let value = from; value <= to * 1.0001; value *= ratio) values.push(value);
  return values;
};

/** Paths at k = k*: along every eigenvector of J'J modulo gauge, both ways. The weakest one dominates near the truth; a null one is a
 *  direction of non-identifiability. */
export function exactPaths(
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  reach: number,
): ProfilePath[] {
  const p = model.parameterCount;
  const { jacobian } = modelJet(model, theta, points, 1);
  const matrix = new Float64Array(p * p);
  jacobian.forEach((left, i) =>
    jacobian.forEach((right, j) => {
      let dot = 0;
      for (let row = 0; row < points.count; row++) dot += left[row] * right[row];
      matrix[i * p + j] = dot / points.count;
    }),
  );
  const largest = Math.max(...jacobian.map((_, i) => matrix[i * p + i]));
  for (const group of model.gaugeGroups)
    for (const i of group) for (const j of group) matrix[i * p + j] += largest;
  const { vectors } = symmetricEigen(matrix, p);
  const targets = geometric(1e-12, reach, Math.sqrt(10));
  return Array.from({ length: p }, (_, c) =>
    Float64Array.from({ length: p }, (__, i) => vectors[i * p + c]),
  ).flatMap((vector) =>
    [vector, vector.map((value) => -value)].map((pin) => ({
      model,
      origin: theta,
      pin,
      direction: pin,
      targets,
    })),
  );
}

/** Paths at k = k* + extra: halves of a true atom part, along the weakest direction of the sharp test and along every parameter of the
 *  atom; for `extra` > 1 the next atoms are split as well. */
export function splitPaths(
  model: MixtureModel,
  theta: Float64Array,
  test: SharpTest["second"],
  extra: number,
  families: Families,
  reach: number,
): ProfilePath[] {
  const able = Array.from({ length: model.atoms }, (_, j) => j).filter((j) =>
    splits(model, theta, j, families),
  );
  const targets = geometric(1e-6, reach, 10 ** 0.3);
  return able.flatMap((atom) => {
    const others = model.gating.groups
      ? groupPlan(model, atom)
      : able.filter((j) => j !== atom).slice(0, extra - 1);
    const plan = model.gating.groups ? others : [atom, ...others];
    const split = splitAtoms(model, theta, plan, families);
    const half = split.halves.find((one) => one.atom === atom)!;
    const names = namesOf(split.model, half.first);
    const worst = test?.splits.find((one) => one.atom === atom)?.directions[0];
    const directions = [
      ...(worst ? [names.map(({ name }) => worst[name] ?? 0)] : []),
      ...names.map((_, s) => names.map((__, t) => (s === t ? 1 : 0))),
    ];
    return directions.map((v) => {
      const length = Math.hypot(...v);
      const pin = new Float64Array(split.model.parameterCount);
      const second = namesOf(split.model, half.second);
      names.forEach(({ index }, s) => {
        pin[index] += v[s] / length / 2;
        pin[second[s].index] -= v[s] / length / 2;
      });
      return {
        model: split.model,
        origin: split.theta,
        pin,
        direction: pin.map((value) => 2 * value),
        targets,
      };
    });
  });
}

/** Paths at k = k* + 1 on which a spare atom anywhere in the box gains mass from nothing. Not for grouped gates. */
export function massPaths(
  model: MixtureModel,
  theta: Float64Array,
  count: number,
  box: number,
  random: Stream,
  families: Families,
): ProfilePath[] {
  if (model.gating.groups || model.gating.gauge === "none") return [];
  const named = model.unpack(theta);
  const shared = model.unpackShared(theta);
  const bigger = createModel({
    ...specOf(model),
    inputDim: model.inputDim,
    atoms: model.atoms + 1,
    families,
  });
  return Array.from({ length: count }, () => {
    const place = (value: number | number[]): number | number[] =>
      Array.isArray(value) ? value.map(() => (random.uniform() - 0.5) * box) : (random.uniform() - 0.5) * box;
    const spare: NamedAtom = Object.fromEntries(
      Object.entries(named[0]).map(([name, value]) => [name, name === "beta0" ? -25 : place(value)]),
    );
    const origin = bigger.pack([...named, spare], shared);
    const pin = new Float64Array(bigger.parameterCount);
    for (const { name, index } of allNames(bigger, model.atoms)) if (name === "beta0") pin[index] = 1;
    for (const { name, index } of allNames(bigger, 0)) if (name === "beta0") pin[index] = -1;
    return {
      model: bigger,
      origin,
      pin,
      direction: pin.map((value) => Math.max(0, value)),
      targets: geometric(1, 26, 1.18),
    };
  });
}

function splits(model: MixtureModel, theta: Float64Array, atom: number, families: Families): boolean {
  const split: SplitModel = splitAtoms(
    model,
    theta,
    [...(model.gating.groups ? groupPlan(model, atom) : [atom])],
    families,
  );
  const count = 64;
  const points = new Float64Array(count * model.inputDim);
  for (let i = 0; i < points.length; i++) points[i] = 3 * Math.sin(1 + i * 1.7);
  const [f, g] = [new Float64Array(count), new Float64Array(count)];
  model.regression(theta, points, count, f);
  split.model.regression(split.theta, points, count, g);
  return f.every((value, i) => Math.abs(value - g[i]) <= 1e-9 * (1 + Math.abs(value)));
}

/** One atom per group, `atom` in its own. */
function groupPlan({ gating }: MixtureModel, atom: number): number[] {
  const sizes = gating.groups ?? [];
  let from = 0;
  return sizes.map((size) => {
    const own = atom >= from && atom < from + size ? atom : from;
    from += size;
    return own;
  });
}

const allNames = (model: MixtureModel, atom: number): { name: string; index: number }[] =>
  model.channels
    .filter((channel) => channel.atom === atom)
    .flatMap((channel) => channel.names.map((name, t) => ({ name, index: channel.parameter + t })));

const namesOf = (model: MixtureModel, atom: number) =>
  allNames(model, atom).filter(({ name }) => name !== "beta0");
