/**
 * Running sum with Neumaier's compensation: error about 2 ulp of the result plus n eps^2 times the sum of |terms|.
 * Neumaier, ZAMM 54 (1974) 39-51.
 */
export class NeumaierSum {
  private sum = 0;
  private compensation = 0;

  /** Adds one term. */
  add(term: number): void {
    const next = this.sum + term;
    this.compensation +=
      Math.abs(this.sum) >= Math.abs(term) ? this.sum - next + term : term - next + this.sum;
    this.sum = next;
  }

  /** The sum so far; an infinite or NaN sum is returned as it is. */
  get value(): number {
    return Number.isFinite(this.sum) ? this.sum + this.compensation : this.sum;
  }

  /** Starts again at 0. */
  reset(): void {
    this.sum = 0;
    this.compensation = 0;
  }
}

/** Sum of `values` with Neumaier's compensation. */
export function compensatedSum(values: Iterable<number>): number {
  const sum = new NeumaierSum();
  for (const value of values) sum.add(value);
  return sum.value;
}
