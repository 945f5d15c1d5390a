/**
 * log of the sum of exp(values[from .. to - 1]), shifted by the maximum so that nothing overflows.
 * No values, or all -Infinity, give -Infinity; a NaN gives NaN.
 */
export function logSumExp(values: ArrayLike<number>, from = 0, to = values.length): number {
  let largest = -Infinity;
  for (let i = from; i < to; i++) {
    const value = values[i];
    if (value > largest) largest = value;
    else if (value !== value) return NaN;
  }
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (let i = from; i < to; i++) sum += Math.exp(values[i] - largest);
  return largest + Math.log(sum);
}
