import { studentTQuantile } from "@moe-rates/math";

/**
 * Smallest difference between the true slope and a hypothesised one that a two-sided test finds with probability `power`:
 * (t_((1+level)/2, M-1) + t_(power, M-1)) se, M the number of replicates. `null` with fewer than two replicates.
 */
export function detectableDifference(
  standardError: number,
  replicates: number,
  { level = 0.95, power = 0.8 }: { level?: number; power?: number } = {},
): number | null {
  if (replicates < 2) return null;
  const degrees = replicates - 1;
  return (studentTQuantile((1 + level) / 2, degrees) + studentTQuantile(power, degrees)) * standardError;
}
