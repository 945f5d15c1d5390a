import type { TargetState } from "../target-rounds.ts";

/** How far a design is from its precision target, in a line. */
export function targetText({
  fit,
  k,
  state,
  halfWidth,
  target,
  replicates: [fewest, most],
}: TargetState): string {
  const width = halfWidth === null ? "no interval" : `half-width ${halfWidth.toPrecision(3)}`;
  const outcome = state === "met" ? "met" : "not met, every sample size has its most replicates";
  const count = fewest === most ? String(most) : `${fewest} to ${most}`;
  return `target ${target} of fit ${fit}, k = ${k}: ${width}, ${outcome} (${count} replicates per sample size)`;
}
