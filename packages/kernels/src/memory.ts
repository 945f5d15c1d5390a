/** Samples of one block. Data columns are stored block by block, so a block is always full: the last one is padded with zeros. */
export const BLOCK = 256;

/** One flat array of doubles in which every column, matrix and parameter vector of a task lives.
 *  Addresses are indices into `f64` (not bytes). Allocation is a bump pointer: `mark` and `release` free what came after. */
export interface Memory {
  readonly f64: Float64Array;
  /** Reserves `length` doubles, zero-filled, and returns the address of the first. Throws a RangeError when the memory is full. */
  allocate(length: number): number;
  mark(): number;
  release(mark: number): void;
}

/** A memory over `f64`, leaving the first `reserved` doubles untouched. */
export function memoryOver(f64: Float64Array, reserved = 0): Memory {
  let top = reserved;
  return {
    f64,
    allocate(length) {
      const address = top;
      const next = top + length + (length & 1);
      if (!(length >= 0) || next > f64.length) {
        throw new RangeError(
          `kernel memory of ${f64.length} doubles is full: ${length} more were asked for at ${top}`,
        );
      }
      top = next;
      f64.fill(0, address, next);
      return address;
    },
    mark: () => top,
    release(mark) {
      if (mark > top || mark < reserved) throw new RangeError(`release(${mark}) is not a mark below ${top}`);
      top = mark;
    },
  };
}
