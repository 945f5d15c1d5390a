import { BLOCK, referenceKernels, type Kernels } from "@moe-rates/kernels";

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

export function guardedColumns(columns: number): GuardedColumns {
  const kernels = referenceKernels((2 * columns + 1) * BLOCK);
  const { memory } = kernels;
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
      const before = memory.f64.slice();
      work();
      const allowed = new Set(
        outputs.flatMap((column) => Array.from({ length: rows }, (_, i) => column + i)),
      );
      const changed: number[] = [];
      memory.f64.forEach((value, at) => {
        if (!Object.is(value, before[at]) && !allowed.has(at)) changed.push(at);
      });
      return changed;
    },
  };
}
