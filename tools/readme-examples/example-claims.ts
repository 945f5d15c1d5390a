import { inspect } from "node:util";
import { runInNewContext } from "node:vm";

/** What a line of an example says about a value: the code, the value it had when run, and the text after `// =>`. */
export interface Claim {
  code: string;
  actual: unknown;
  expected: string;
}

/** The first fenced `ts` block of a Markdown text, or null. */
export function firstExample(markdown: string): string | null {
  return /^```ts\n([\s\S]*?)^```$/m.exec(markdown)?.[1] ?? null;
}

/** The example as a module whose default export is the list of its claims. A claim is a line `expression; // => value` or
 *  `const name = ...; // => value` at the left margin. */
export function withClaims(example: string): string {
  const lines = example.split("\n").map((line) => {
    const [, code, expected] = /^(\S.*;)\s*\/\/ => (.+)$/.exec(line) ?? [];
    if (!code || !expected) return line;
    const declared = /^(?:const|let) (\w+)\b/.exec(code)?.[1];
    const claim = (actual: string) =>
      `claims.push({ code: ${JSON.stringify(code)}, actual: ${actual}, expected: ${JSON.stringify(expected)} });`;
    return declared ? `${code} ${claim(declared)}` : claim(`(${code.slice(0, -1)})`);
  });
  return [
    "const claims: { code: string; actual: unknown; expected: string }[] = [];",
    ...lines,
    "export default claims;",
  ].join("\n");
}

/** Says how a claim differs from what happened, or null. A number holds when it rounds to the digits that are written,
 *  `...` after a number continues it; typed arrays are written as arrays. */
export function claimProblem({ code, actual, expected }: Claim): string | null {
  const parsed = parseValue(expected);
  if (!parsed) return `\`${code}\`: "${expected}" is no value`;
  if (agrees(actual, parsed.value, parsed.slack)) return null;
  return `\`${code}\` is ${inspect(actual, { breakLength: Infinity })} but is said to be ${expected}`;
}

const number = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** Reads a literal. `slack` maps each number in it to how far a value may lie from it: half a unit in the last written
 *  place, a whole one when `...` says that it was cut off, and rounding error for an integer. */
function parseValue(text: string): { value: unknown; slack: Map<number, number> } | null {
  const written = text.replace(/(\d)(?:\.\.\.|…)/g, "$1").trim();
  const slack = new Map<number, number>();
  for (const [literal] of written.matchAll(number)) {
    const [mantissa = "", exponent] = literal.toLowerCase().split("e");
    const decimals = mantissa.split(".")[1]?.length ?? 0;
    const units = text.includes(`${literal}...`) || text.includes(`${literal}…`) ? 1 : 0.5;
    const integer = decimals === 0 && exponent === undefined && units < 1;
    slack.set(Number(literal), integer ? 1e-12 : units * 10 ** (Number(exponent ?? 0) - decimals));
  }
  try {
    return { value: runInNewContext(`(${written})`) as unknown, slack };
  } catch {
    return null;
  }
}

function agrees(actual: unknown, expected: unknown, slack: Map<number, number>): boolean {
  if (typeof expected === "number" && typeof actual === "number") {
    return actual === expected || Math.abs(actual - expected) <= (slack.get(expected) ?? 0) * (1 + 1e-9);
  }
  if (Array.isArray(expected)) {
    const values = ArrayBuffer.isView(actual) ? Array.from(actual as Float64Array) : actual;
    if (!Array.isArray(values) || values.length !== expected.length) return false;
    return expected.every((one, index) => agrees(values[index], one, slack));
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null || ArrayBuffer.isView(actual)) return false;
    const keys = Object.keys(expected);
    if (Object.keys(actual).sort().join() !== [...keys].sort().join()) return false;
    return keys.every((key) =>
      agrees((actual as Record<string, unknown>)[key], (expected as Record<string, unknown>)[key], slack),
    );
  }
  return Object.is(actual, expected);
}
