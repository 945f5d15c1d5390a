import { BLOCK } from "@moe-rates/kernels";
import { differenceStep, stream } from "@moe-rates/math";
import { gaugeOf, type Gating, type GatingFamily } from "@moe-rates/gating";
import { describe, expect } from "vitest";
import { createModel, type ModelChannel } from "../../src/index.ts";
import { clauseTests, optionVariants, worstDifference, type Excuses } from "./contract-clauses.ts";
import { engines, guardedColumns } from "./guarded-columns.ts";

export type GatingClause =
  | "weights are finite, and so are all derivatives, at scores of +-800 and 1e4"
  | "first derivatives of f agree with central differences"
  | "second derivatives of f agree with central differences, and unlisted pairs vanish"
  | "derivatives of the weights agree with central differences, and unlisted entries vanish"
  | "no order writes outside its outputs or beyond n rows"
  | "the mass is positive, finite and increasing in the intercept"
  | "permuting the atoms, of each group where there are two levels, leaves f unchanged"
  | "permuting groups of one size leaves f unchanged"
  | "shifting along the declared gauge leaves f unchanged"
  | "named atoms survive packing and unpacking";

/** Runs the contract of a gating family for every combination of its options: k = 1 and 3 atoms, d = 2 inputs, on every kind of kernels.
 *  An excuse must give its reason. */
export function gatingContract(family: GatingFamily, excuses: Excuses<GatingClause> = {}): void {
  for (const options of optionVariants(family.options)) {
    for (const atoms of [1, 3]) {
      describe.each(Object.keys(engines))(
        `gating ${family.name} ${JSON.stringify(options)}, ${atoms} atoms, %s kernels`,
        (engine) => gatingClauses(family, options, atoms, engine, excuses),
      );
    }
  }
}

function gatingClauses(
  family: GatingFamily,
  options: Record<string, unknown>,
  atoms: number,
  engine: string,
  excuses: Excuses<GatingClause>,
): void {
  const inputDim = 2;
  const clause = clauseTests<GatingClause>(excuses);
  const random = stream("gating contract", family.name, JSON.stringify(options), atoms);
  const columnOf = (draw: () => number) => Float64Array.from({ length: BLOCK }, draw);
  const bench = gatingBench(family.create(inputDim, atoms, options), engine);
  const { gating } = bench;
  const width = gating.channels.length;
  /** Channel values with their constant channels constant and the bounded ones within their bounds. */
  const channelValues = (draw: () => number) =>
    gating.channels.map(({ atom, basis, bounds }) => {
      const value = () => {
        const drawn = draw();
        if (!bounds) return drawn;
        const [low, high] = bounds;
        return Math.abs(drawn) > 100
          ? drawn > 0
            ? high
            : low
          : low + (high - low) * (0.1 + 0.05 * Math.abs(Math.sin(drawn)));
      };
      const shared = value();
      return atom === null && basis === "one" ? columnOf(() => shared) : columnOf(value);
    });
  const scores = channelValues(() => 2 * random.normal());
  const experts = Array.from({ length: atoms }, () => columnOf(() => random.normal()));

  /** Central difference in channel a of columns that depend on the scores. */
  const difference = (a: number, columns: (at: Float64Array[]) => Float64Array[]): Float64Array[] => {
    const step = gating.channels[a].atom === null ? differenceStep(scores[a][0]) : null;
    const steps = scores[a].map((value) => step ?? differenceStep(value));
    const moved = (sign: number) =>
      scores.map((column, b) => (b === a ? column.map((c, i) => c + sign * steps[i]) : column));
    const [up, down] = [columns(moved(1)), columns(moved(-1))];
    return up.map((column, at) => column.map((value, i) => (value - down[at][i]) / (2 * steps[i])));
  };

  clause("weights are finite, and so are all derivatives, at scores of +-800 and 1e4", () => {
    const extremes = [-1e4, -800, -40, 0, 40, 800, 1e4];
    const extreme = channelValues(() => extremes[random.integer(extremes.length)]);
    for (const level of extremes)
      extreme.forEach((column, a) => {
        if (!gating.channels[a].bounds) column[extremes.indexOf(level)] = level;
      });
    const out = bench.run(extreme, experts, 2);
    for (const column of [...out.weights, ...out.first, ...out.second, ...out.weightFirst]) {
      expect(column.every(Number.isFinite)).toBe(true);
    }
  });

  clause("first derivatives of f agree with central differences", () => {
    for (const order of [1, 2] as const) {
      const { first } = bench.run(scores, experts, order);
      for (let a = 0; a < width; a++) {
        const [expected] = difference(a, (at) => [bench.run(at, experts, 0).regression]);
        expect(worstDifference(first[a], expected)).toBeLessThan(1e-8);
      }
    }
  });

  clause("second derivatives of f agree with central differences, and unlisted pairs vanish", () => {
    const { second } = bench.run(scores, experts, 2);
    for (let a = 0; a < width; a++) {
      const expected = difference(a, (at) => bench.run(at, experts, 1).first);
      for (let b = a; b < width; b++) {
        const pair = gating.secondPairs.findIndex(([left, right]) => left === a && right === b);
        expect(worstDifference(pair < 0 ? new Float64Array(BLOCK) : second[pair], expected[b])).toBeLessThan(
          2e-8,
        );
      }
    }
  });

  clause("derivatives of the weights agree with central differences, and unlisted entries vanish", () => {
    const { weightFirst } = bench.run(scores, experts, 2);
    for (let a = 0; a < width; a++) {
      const expected = difference(a, (at) => bench.run(at, experts, 0).weights);
      for (let j = 0; j < atoms; j++) {
        const entry = gating.weightPairs.findIndex(([channel, atom]) => channel === a && atom === j);
        expect(
          worstDifference(entry < 0 ? new Float64Array(BLOCK) : weightFirst[entry], expected[j]),
        ).toBeLessThan(1e-8);
      }
    }
  });

  clause("no order writes outside its outputs or beyond n rows", () => {
    for (const order of [0, 1, 2] as const) {
      for (const rows of [BLOCK, 101]) expect(bench.strayWrites(scores, experts, order, rows)).toEqual([]);
    }
  });

  clause("the mass is positive, finite and increasing in the intercept", () => {
    const masses = [-30, -3, 0, 1, 3].map((intercept) => gating.mass(intercept));
    expect(masses.every((mass) => mass > 0 && Number.isFinite(mass))).toBe(true);
    expect(masses.every((mass, i) => i === 0 || mass > masses[i - 1])).toBe(true);
  });

  const model = createModel({
    gating: { family: family.name, ...options },
    expert: "linear",
    inputDim,
    atoms,
    families: { gatings: { [family.name]: family }, experts: linearOnly() },
  });
  const theta = Float64Array.from({ length: model.parameterCount }, () => random.normal());
  for (const { bounds, parameter } of model.channels)
    if (bounds) theta[parameter] = bounds[0] + 0.1 * (bounds[1] - bounds[0]);
  const x = Float64Array.from({ length: 60 }, () => 4 * random.uniform() - 2);
  const regression = (at: Float64Array) => {
    const out = new Float64Array(30);
    model.regression(at, x, 30, out);
    return out;
  };

  /** `from` with the parameters of every owner in the place of another of the same kind. */
  const moved = (
    from: Float64Array,
    ownerOf: (channel: ModelChannel) => number | null,
    place: (owner: number) => number,
  ) => {
    const own = model.channels.filter((channel) => ownerOf(channel) !== null);
    const permuted = from.slice();
    for (const channel of own) {
      const owner = ownerOf(channel)!;
      const sameIndex = own.filter((other) => ownerOf(other) === owner).indexOf(channel);
      const target = own.filter((other) => ownerOf(other) === place(owner))[sameIndex];
      for (let t = 0; t < channel.terms; t++) permuted[target.parameter + t] = from[channel.parameter + t];
    }
    return permuted;
  };
  const sizes = gating.groups ?? [atoms];
  const starts = sizes.map((_, g) => sizes.slice(0, g).reduce((sum, size) => sum + size, 0));
  const groupOf = sizes.flatMap((size, g) => Array.from({ length: size }, () => g));

  clause("permuting the atoms, of each group where there are two levels, leaves f unchanged", () => {
    const permuted = moved(
      theta,
      ({ atom }) => atom,
      (j) => starts[groupOf[j]] + ((j - starts[groupOf[j]] + 1) % sizes[groupOf[j]]),
    );
    expect(worstDifference(regression(permuted), regression(theta))).toBeLessThan(1e-12);
  });

  const [left, right] = sizes.flatMap((size, g) => {
    const twin = sizes.indexOf(size, g + 1);
    return twin < 0 ? [] : [g, twin];
  });
  const twinGroups = right === undefined ? () => {} : clause;
  twinGroups("permuting groups of one size leaves f unchanged", () => {
    const other = (g: number) => (g === left ? right : g === right ? left : g);
    const gates = moved(theta, ({ group }) => group, other);
    const both = moved(
      gates,
      ({ atom }) => atom,
      (j) => starts[other(groupOf[j])] + j - starts[groupOf[j]],
    );
    expect(worstDifference(regression(both), regression(theta))).toBeLessThan(1e-12);
  });

  clause("shifting along the declared gauge leaves f unchanged", () => {
    expect(gating.gauge).toBe(gaugeOf(family, options));
    expect(model.gaugeGroups.length > 0).toBe(gating.gauge !== "none");
    for (const group of model.gaugeGroups) {
      const shifted = theta.slice();
      for (const i of group) shifted[i] += 1.7;
      expect(worstDifference(regression(shifted), regression(theta))).toBeLessThan(1e-11);
    }
  });

  clause("named atoms survive packing and unpacking", () => {
    const atomsOf = model.unpack(theta);
    expect(model.pack(atomsOf, model.unpackShared(theta))).toEqual(theta);
    for (const { name, length } of family.atomFields(inputDim, options)) {
      const value = atomsOf[0][name];
      expect(Array.isArray(value) ? value.length : null).toBe(length);
    }
    expect(gating.atoms).toBe(atoms);
  });
}

/** A gating over guarded columns: runs it on given scores and expert values and reads back what it wrote. */
function gatingBench(gating: Gating, engine: string) {
  const { atoms } = gating;
  const width = gating.channels.length;
  const pairs = gating.secondPairs.length;
  const entries = gating.weightPairs.length;
  const extra = gating.scratchColumns ?? 0;
  const memory = guardedColumns(2 * width + 2 * atoms + pairs + entries + extra + 16, engine);
  const each = (count: number) => Array.from({ length: count }, () => memory.allocate(1));
  const from = (address: number, count: number) =>
    Array.from({ length: count }, (_, j) => address + j * BLOCK);
  const columns = {
    stride: BLOCK,
    channels: from(memory.allocate(width), width),
    weights: memory.allocate(atoms),
    experts: memory.allocate(atoms),
    regression: memory.allocate(1),
    first: memory.allocate(width),
    second: each(pairs),
    weightFirst: each(entries),
    basis: memory.allocate(3),
    scratch: extra > 0 ? memory.allocate(extra) : -1,
  };
  const random = stream("gating contract basis");
  for (let u = 0; u < 3; u++)
    memory.write(
      columns.basis + u * BLOCK,
      Float64Array.from({ length: BLOCK }, () => (u < 2 ? random.normal() : 1)),
    );
  const { kernels } = memory;
  const weights = from(columns.weights, atoms);
  const first = from(columns.first, width);
  const scratch = from(columns.scratch, extra);
  const prepare = (scores: readonly Float64Array[], experts: readonly Float64Array[]) => {
    columns.channels.forEach((column, a) => memory.write(column, scores[a]));
    from(columns.experts, atoms).forEach((column, j) => memory.write(column, experts[j]));
    for (const column of [...weights, ...first, ...columns.second, ...columns.weightFirst])
      memory.write(column, new Float64Array(BLOCK).fill(NaN));
  };
  const mix = () => {
    const p = weights.map(memory.read);
    const h = from(columns.experts, atoms).map(memory.read);
    memory.write(
      columns.regression,
      p[0].map((_, i) => p.reduce((sum, column, j) => sum + column[i] * h[j][i], 0)),
    );
  };
  return {
    gating,
    run(scores: readonly Float64Array[], experts: readonly Float64Array[], order: 0 | 1 | 2) {
      prepare(scores, experts);
      gating.weights(kernels, columns, BLOCK);
      mix();
      if (order > 0) gating.derivatives(kernels, columns, BLOCK, order === 2 ? 2 : 1);
      return {
        weights: weights.map(memory.read),
        regression: memory.read(columns.regression),
        first: first.map(memory.read),
        second: columns.second.map(memory.read),
        weightFirst: columns.weightFirst.map(memory.read),
      };
    },
    strayWrites(
      scores: readonly Float64Array[],
      experts: readonly Float64Array[],
      order: 0 | 1 | 2,
      rows: number,
    ): number[] {
      prepare(scores, experts);
      const forward = memory.changedOutside([...weights, ...scratch], rows, () =>
        gating.weights(kernels, columns, rows),
      );
      if (order === 0) return forward;
      mix();
      const outputs = [
        ...first,
        ...scratch,
        ...(order === 1 ? [] : [...columns.second, ...columns.weightFirst]),
      ];
      return memory.changedOutside(outputs, rows, () => gating.derivatives(kernels, columns, rows, order));
    },
  };
}

/** h(x) = a . x + b, written out so that the contract of a gating needs no shipped expert. */
function linearOnly() {
  return {
    linear: {
      name: "linear",
      description: "h(x) = a . x + b",
      options: {},
      atomFields: (inputDim: number) => [
        { name: "a", length: inputDim },
        { name: "b", length: null },
      ],
      create: () => ({
        family: "linear",
        channels: [{ basis: "affine" as const, slope: "a", intercept: "b" }],
        secondPairs: [],
        evaluate(
          kernels: Parameters<Gating["weights"]>[0],
          {
            channels,
            value,
            first,
          }: { channels: readonly number[]; value: number; first: readonly number[] },
          n: number,
          order: number,
        ) {
          kernels.scale(value, channels[0], 1, n);
          if (order > 0) kernels.fill(first[0], 1, n);
        },
      }),
    },
  };
}
