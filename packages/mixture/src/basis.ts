import { BLOCK, type Memory } from "@moe-rates/kernels";

/** Basis columns of a block: x_1 .. x_d, the constant 1, then z_1 .. z_d (z = x / |x|) when a family asks for it.
 *  Every basis a channel can name is a run of neighbouring columns. */
export type Basis = "input" | "affine" | "one" | "normalised" | "normalised-affine";

/** First column and number of columns of a basis for inputs of dimension d. */
export function basisRange(basis: Basis, inputDim: number): { start: number; terms: number } {
  switch (basis) {
    case "input":
      return { start: 0, terms: inputDim };
    case "affine":
      return { start: 0, terms: inputDim + 1 };
    case "one":
      return { start: inputDim, terms: 1 };
    case "normalised":
      return { start: inputDim + 1, terms: inputDim };
    case "normalised-affine":
      return { start: inputDim, terms: inputDim + 1 };
  }
}

/** Number of basis columns of a block. */
export function basisColumns(inputDim: number, normalised: boolean): number {
  return normalised ? 2 * inputDim + 1 : inputDim + 1;
}

/** Writes the basis columns of samples `from .. from + count` into the block at `address`; rows beyond `count` become zero, so that
 *  they add nothing to any sum over the block. `x` is column-major n x d; x / |x| is 0 at x = 0. */
export function writeBasis(
  memory: Memory,
  address: number,
  x: Float64Array,
  n: number,
  inputDim: number,
  normalised: boolean,
  from: number,
  count: number,
): void {
  const { f64 } = memory;
  if (count < BLOCK) f64.fill(0, address, address + basisColumns(inputDim, normalised) * BLOCK);
  for (let u = 0; u < inputDim; u++)
    f64.set(x.subarray(u * n + from, u * n + from + count), address + u * BLOCK);
  f64.fill(1, address + inputDim * BLOCK, address + inputDim * BLOCK + count);
  if (!normalised) return;
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let u = 0; u < inputDim; u++) square += f64[address + u * BLOCK + i] ** 2;
    const inverse = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let u = 0; u < inputDim; u++)
      f64[address + (inputDim + 1 + u) * BLOCK + i] = inverse * f64[address + u * BLOCK + i];
  }
}
