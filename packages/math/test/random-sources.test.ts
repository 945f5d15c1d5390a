import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const root = new URL("../../../", import.meta.url);

function sources(): string[] {
  const found: string[] = [];
  for (const kind of ["packages", "apps"]) {
    for (const project of readdirSync(new URL(`${kind}/`, root))) {
      const src = new URL(`${kind}/${project}/src/`, root);
      if (!existsSync(src)) continue;
      for (const file of readdirSync(src, { recursive: true, encoding: "utf8" })) {
        if (/\.[cm]?[jt]s$/.test(file)) found.push(`${kind}/${project}/src/${file}`);
      }
    }
  }
  return found;
}

/** Every way to a random number that is not a keyed stream. */
const forbidden = [
  /\brandom\b[^{}]*\}\s*=\s*Math\b/,
  /\bMath\s*(?:\.\s*random\b|\[\s*["'`]random)/,
  /\brandom(?:Bytes|Int|FillSync|Fill|UUID)\b/,
  /\bgetRandomValues\b/,
  /from\s+["'](?:chance|random-js|pure-rand|d3-random|random|mersenne-twister|fast-check)["']/,
];

describe("randomness", () => {
  it("finds the sources it is to read", () => expect(sources()).toContain("packages/math/src/stream.ts"));

  it("has no source in packages and apps but the keyed streams", () => {
    const offenders = sources().filter((file) =>
      forbidden.some((pattern) => pattern.test(readFileSync(new URL(file, root), "utf8"))),
    );
    expect(offenders).toEqual([]);
  });

  it("enters through one module: only stream.ts imports seedrandom", () => {
    const importers = sources().filter((file) =>
      /["']seedrandom(?:\/[^"']*)?["']/.test(readFileSync(new URL(file, root), "utf8")),
    );
    expect(importers.sort()).toEqual([
      "packages/math/src/seedrandom-xor4096.d.ts",
      "packages/math/src/stream.ts",
    ]);
  });

  it.each([
    "Math.random()",
    'Math["random"]',
    "const { random } = Math",
    "crypto.getRandomValues(a)",
    "randomBytes(8)",
  ])("would notice %s", (text) => {
    expect(forbidden.some((pattern) => pattern.test(text))).toBe(true);
  });
});
