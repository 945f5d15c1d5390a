import { stream } from "./stream.ts";

interface DigitTable {
  readonly base: number;
  /** `permutations[l * base + digit]`: image of a digit at position l after the point. */
  readonly permutations: Uint16Array;
  readonly positions: number;
}

const tables: DigitTable[] = [];

/**
 * Point `index` = 0, 1, ... of a fixed scrambled Halton sequence in the open cube (0, 1)^dim; the same for ever, extensible in index and in dim.
 *
 * Coordinate j is the radical inverse of the index in the j-th prime base with every digit position permuted by a random permutation of its own
 * (Owen, "A randomized Halton algorithm in R", arXiv 1706.02808), which removes the Halton sequence's strong correlations between high coordinates.
 * The permutations come from the stream ("halton", base). Throws unless index is a non-negative safe integer and dim an integer from 1 to 1000.
 */
export function haltonPoint(
  index: number,
  dim: number,
  out: Float64Array = new Float64Array(dim),
): Float64Array {
  if (!Number.isSafeInteger(index) || index < 0)
    throw new RangeError(`haltonPoint: index ${index} is not a non-negative integer`);
  if (!Number.isInteger(dim) || dim < 1 || dim > 1000)
    throw new RangeError(`haltonPoint: dimension ${dim} is not an integer from 1 to 1000`);
  while (tables.length < dim)
    tables.push(digitTable(nextPrime(tables.length === 0 ? 1 : tables[tables.length - 1].base)));
  for (let j = 0; j < dim; j++) out[j] = scrambledInverse(index, tables[j]);
  return out;
}

function scrambledInverse(index: number, { base, permutations, positions }: DigitTable): number {
  let rest = index;
  let scale = 1 / base;
  let value = 0;
  for (let position = 0; position < positions; position++) {
    const next = Math.floor(rest / base);
    value += scale * permutations[position * base + (rest - next * base)];
    rest = next;
    scale /= base;
  }
  return Math.min(Math.max(value, 2 ** -53), 1 - 2 ** -53);
}

function digitTable(base: number): DigitTable {
  const positions = Math.ceil(53 / Math.log2(base));
  const permutations = new Uint16Array(positions * base);
  const random = stream("halton", base);
  for (let position = 0; position < positions; position++) {
    const permutation = permutations.subarray(position * base, (position + 1) * base);
    for (let i = 0; i < base; i++) {
      const j = random.integer(i + 1);
      permutation[i] = permutation[j];
      permutation[j] = i;
    }
  }
  return { base, permutations, positions };
}

function nextPrime(after: number): number {
  for (let candidate = after + 1; ; candidate++) {
    let prime = true;
    for (let divisor = 2; divisor * divisor <= candidate && prime; divisor++)
      prime = candidate % divisor !== 0;
    if (prime) return candidate;
  }
}
