import type { FamilyOption } from "@moe-rates/gating";
import { test } from "vitest";

/** Clauses a family is excused from, each with the reason: it becomes part of the test's title. */
export type Excuses<Clause extends string> = Partial<Record<Clause, string>>;

/** Declares the test of one clause, or skips it under a title that says why. */
export function clauseTests<Clause extends string>(excuses: Excuses<Clause>) {
  return (clause: Clause, body: () => void): void => {
    const reason = excuses[clause];
    if (reason === undefined) test(clause, body);
    else test.skip(`${clause} (skipped: ${reason})`, () => {});
  };
}

/** Every combination of a family's options: both booleans, every allowed word, the first four integers; then each number at a value next
 *  to its default, the other options at theirs. */
export function optionVariants(options: Readonly<Record<string, FamilyOption>>): Record<string, unknown>[] {
  let variants: Record<string, unknown>[] = [{}];
  const moved: Record<string, unknown>[] = [];
  for (const [name, option] of Object.entries(options)) {
    const [first, ...others] = valuesOf(option);
    if (option.type === "number") moved.push(...others.map((value) => ({ [name]: value })));
    const combined = option.type === "number" ? [first] : [first, ...others];
    variants = variants.flatMap((variant) => combined.map((value) => ({ ...variant, [name]: value })));
  }
  return [...variants, ...moved.map((one) => ({ ...variants[0], ...one }))];
}

function valuesOf(option: FamilyOption): unknown[] {
  const { minimum = -Infinity, maximum = Infinity } = option;
  const within = (value: number) => value >= minimum && value <= maximum;
  if (option.type === "boolean") return [false, true];
  if (option.allowed) return [...option.allowed];
  if (typeof option.default !== "number") return [option.default];
  if (option.type === "number") return [option.default, option.default * 1.5 + 0.1].filter(within);
  const first = Number.isFinite(minimum) ? minimum : option.default;
  return [first, first + 1, first + 2, first + 3].filter(within);
}

/** Largest difference relative to max(1, |b|). */
export function worstDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i] - b[i]) / Math.max(1, Math.abs(b[i]));
    if (!(difference <= worst)) worst = difference;
  }
  return worst;
}
