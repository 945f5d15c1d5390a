import { fragment } from "./html.ts";
import type { Html } from "./html.ts";

/** A power as statements of theory write it: `n^-(1/2)`, `(log n / n)^(1/4)`, `n^(-1/2r)`. */
const power = /\^(-?)\(([^()]*)\)/g;

/** A statement of theory for a figure, whose letters all have one height: `n^-(1/2)` becomes n^(−1/2). */
export function lawText(statement: string): string {
  return statement.replace(power, (_, sign: string, exponent: string) =>
    `^(${sign}${exponent})`.replaceAll("-", "−"),
  );
}

/** A statement of theory with its exponents raised and the P of O_P lowered. */
export function lawMarkup(statement: string): Html {
  let from = 0;
  const parts = [...statement.matchAll(/O_P|\^(-?)\(([^()]*)\)/g)].map(([found, sign, exponent]) => {
    const at = statement.indexOf(found, from);
    const before = statement.slice(from, at);
    from = at + found.length;
    if (exponent === undefined) return fragment`${before}O<sub>P</sub>`;
    return fragment`${before}<sup>${`${sign}${exponent}`.replaceAll("-", "−")}</sup>`;
  });
  return fragment`${parts}${statement.slice(from)}`;
}
