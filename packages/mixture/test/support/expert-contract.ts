import { BLOCK } from "@moe-rates/kernels";
import { differenceStep, stream } from "@moe-rates/math";
import { softmax } from "@moe-rates/gating";
import type { Expert, ExpertFamily } from "@moe-rates/experts";
import { describe, expect } from "vitest";
import { createModel } from "../../src/index.ts";
import { clauseTests, optionVariants, worstDifference, type Excuses } from "./contract-clauses.ts";
import { engines, guardedColumns } from "./guarded-columns.ts";

export type ExpertClause =
  | "value and derivatives are finite at channels of +-800 and 1e4"
  | "every order gives the same value and first derivatives"
  | "first derivatives agree with central differences"
  | "second derivatives agree with central differences, and unlisted pairs vanish"
  | "no order writes outside its outputs or beyond n rows"
  | "an expert declared even has the same value where every parameter has the other sign"
  | "permuting the atoms leaves f unchanged"
  | "named atoms survive packing and unpacking";

/** Runs the contract of an expert family for every combination of its options, d = 2 inputs, on every kind of kernels. An excuse must give its reason. */
export function expertContract(family: ExpertFamily, excuses: Excuses<ExpertClause> = {}): void {
  for (const options of optionVariants(family.options)) {
    describe.each(Object.keys(engines))(
      `expert ${family.name} ${JSON.stringify(options)}, %s kernels`,
      (engine) => expertClauses(family, options, engine, excuses),
    );
  }
}

function expertClauses(
  family: ExpertFamily,
  options: Record<string, unknown>,
  engine: string,
  excuses: Excuses<ExpertClause>,
): void {
  const inputDim = 2;
  const clause = clauseTests<ExpertClause>(excuses);
  const random = stream("expert contract", family.name, JSON.stringify(options));
  const columnOf = (draw: () => number) => Float64Array.from({ length: BLOCK }, draw);
  const bench = expertBench(family.create(inputDim, options), engine, inputDim);
  const { expert } = bench;
  const width = expert.channels.length;
  const awayFromZero = () => (random.uniform() < 0.5 ? -1 : 1) * (0.01 + 2.5 * random.uniform());
  const channels = Array.from({ length: width }, () => columnOf(awayFromZero));

  /** Central difference in channel a of columns that depend on the channels. */
  const difference = (a: number, columns: (at: Float64Array[]) => Float64Array[]): Float64Array[] => {
    const steps = channels[a].map(differenceStep);
    const moved = (sign: number) =>
      channels.map((column, b) => (b === a ? column.map((c, i) => c + sign * steps[i]) : column));
    const [up, down] = [columns(moved(1)), columns(moved(-1))];
    return up.map((column, at) => column.map((value, i) => (value - down[at][i]) / (2 * steps[i])));
  };

  clause("value and derivatives are finite at channels of +-800 and 1e4", () => {
    const extremes = [-1e4, -800, -40, 0, 40, 800, 1e4];
    const extreme = Array.from({ length: width }, () =>
      columnOf(() => extremes[random.integer(extremes.length)]),
    );
    for (const level of extremes) extreme.forEach((column) => (column[extremes.indexOf(level)] = level));
    const { value, first, second } = bench.run(extreme, 2);
    for (const column of [value, ...first, ...second]) expect(column.every(Number.isFinite)).toBe(true);
  });

  clause("an expert declared even has the same value where every parameter has the other sign", () => {
    if (!expert.even) return;
    const turned = bench.run(
      channels.map((column) => column.map((value) => -value)),
      0,
    );
    expect(worstDifference(turned.value, bench.run(channels, 0).value)).toBeLessThan(1e-12);
  });

  clause("every order gives the same value and first derivatives", () => {
    const two = bench.run(channels, 2);
    const one = bench.run(channels, 1);
    expect(bench.run(channels, 0).value).toEqual(two.value);
    expect(one.value).toEqual(two.value);
    expect(one.first).toEqual(two.first);
  });

  clause("first derivatives agree with central differences", () => {
    const { first } = bench.run(channels, 1);
    for (let a = 0; a < width; a++) {
      const [expected] = difference(a, (at) => [bench.run(at, 0).value]);
      expect(worstDifference(first[a], expected)).toBeLessThan(1e-8);
    }
  });

  clause("second derivatives agree with central differences, and unlisted pairs vanish", () => {
    const { second } = bench.run(channels, 2);
    for (let a = 0; a < width; a++) {
      const expected = difference(a, (at) => bench.run(at, 1).first);
      for (let b = a; b < width; b++) {
        const pair = expert.secondPairs.findIndex(([left, right]) => left === a && right === b);
        expect(worstDifference(pair < 0 ? new Float64Array(BLOCK) : second[pair], expected[b])).toBeLessThan(
          1e-8,
        );
      }
    }
  });

  clause("no order writes outside its outputs or beyond n rows", () => {
    for (const order of [0, 1, 2] as const) {
      for (const rows of [BLOCK, 101]) expect(bench.strayWrites(channels, order, rows)).toEqual([]);
    }
  });

  const model = createModel({
    gating: "softmax",
    expert: { family: family.name, ...options },
    inputDim,
    atoms: 3,
    families: { gatings: { softmax }, experts: { [family.name]: family } },
  });
  const theta = Float64Array.from({ length: model.parameterCount }, () => random.normal());
  const named = model.unpack(theta);

  clause("permuting the atoms leaves f unchanged", () => {
    const x = Float64Array.from({ length: 60 }, () => 4 * random.uniform() - 2);
    const regression = (at: Float64Array) => {
      const out = new Float64Array(30);
      model.regression(at, x, 30, out);
      return out;
    };
    const permuted = model.pack([named[2], named[0], named[1]]);
    expect(worstDifference(regression(permuted), regression(theta))).toBeLessThan(1e-12);
  });

  clause("named atoms survive packing and unpacking", () => {
    expect(model.pack(named)).toEqual(theta);
    const fields = ["beta1", "beta0", ...family.atomFields(inputDim, options).map(({ name }) => name)];
    expect(Object.keys(named[0]).toSorted()).toEqual(fields.toSorted());
  });
}

/** An expert over guarded columns: runs it on given channel values and reads back what it wrote. */
function expertBench(expert: Expert, engine: string, inputDim: number) {
  const width = expert.channels.length;
  const memory = guardedColumns(
    2 * width + 1 + inputDim + expert.secondPairs.length + (expert.scratchColumns ?? 0),
    engine,
  );
  const each = (count: number) => Array.from({ length: count }, () => memory.allocate(1));
  const columns = {
    channels: each(width),
    value: memory.allocate(1),
    first: each(width),
    second: each(expert.secondPairs.length),
    scratch: each(expert.scratchColumns ?? 0),
    basis: memory.allocate(inputDim),
  };
  for (let u = 0; u < inputDim; u++)
    memory.write(
      columns.basis + u * BLOCK,
      Float64Array.from({ length: BLOCK }, (_, i) => Math.cos(i + u)),
    );
  const { kernels } = memory;
  const prepare = (channels: readonly Float64Array[]) => {
    columns.channels.forEach((column, a) => memory.write(column, channels[a]));
    for (const column of [columns.value, ...columns.first, ...columns.second])
      memory.write(column, new Float64Array(BLOCK).fill(NaN));
  };
  return {
    expert,
    run(channels: readonly Float64Array[], order: 0 | 1 | 2) {
      prepare(channels);
      expert.evaluate(kernels, columns, BLOCK, order);
      return {
        value: memory.read(columns.value),
        first: columns.first.map(memory.read),
        second: columns.second.map(memory.read),
      };
    },
    strayWrites(channels: readonly Float64Array[], order: 0 | 1 | 2, rows: number): number[] {
      prepare(channels);
      const outputs = [
        columns.value,
        ...columns.scratch,
        ...(order >= 1 ? columns.first : []),
        ...(order >= 2 ? columns.second : []),
      ];
      return memory.changedOutside(outputs, rows, () => expert.evaluate(kernels, columns, rows, order));
    },
  };
}
