import {
  BLOCK,
  referenceKernels,
  compileSimdModule,
  simdKernels,
  simdSupported,
  type Kernels,
} from "@moe-rates/kernels";

const simd = simdSupported() && compileSimdModule();

/** The kernels a family must work on: the reference, and the SIMD ones where the machine runs them. */
export const engines: Readonly<Record<string, (doubles: number) => Kernels>> = {
  reference: referenceKernels,
  ...(simd && { simd: (doubles: number) => simdKernels(doubles, simd) }),
};

/** Kernel memory in which every column lies between unused ones, so that a write outside the declared outputs is seen. */
export interface GuardedColumns {
  readonly kernels: Kernels;
  /** Address of `count` consecutive columns, filled with NaN. */
  allocate(count: number): number;
  read(column: number): Float64Array;
  write(column: number, values: ArrayLike<number>): void;
  /** Runs `work` and returns the addresses it changed that lie in none of the first `rows` rows of `outputs`. */
  changedOutside(outputs: readonly number[], rows: number, work: () => void): number[];
}

export function guardedColumns(columns: number, engine: string): GuardedColumns {
  const kernels = engines[engine]((2 * columns + 1) * BLOCK);
  const { memory } = kernels;
  const start = memory.mark();
  const guard = () => memory.f64.fill(-7.25e77, memory.allocate(BLOCK), memory.mark());
  guard();
  return {
    kernels,
    allocate(count) {
      const address = memory.allocate(count * BLOCK);
      memory.f64.fill(Number.NaN, address, address + count * BLOCK);
      guard();
      return address;
    },
    read: (column) => memory.f64.slice(column, column + BLOCK),
    write: (column, values) => memory.f64.set(values, column),
    changedOutside(outputs, rows, work) {
      const before = memory.f64.slice(start);
      work();
      const allowed = new Set(
        outputs.flatMap((column) => Array.from({ length: rows }, (_, i) => column + i)),
      );
      const changed: number[] = [];
      memory.f64.subarray(start).forEach((value, i) => {
        if (!Object.is(value, before[i]) && !allowed.has(start + i)) changed.push(start + i);
      });
      return changed;
    },
  };
}
