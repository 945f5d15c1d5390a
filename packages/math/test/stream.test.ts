import { array, assert, double, integer, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { stream, streamKey } from "../src/index.ts";

describe("stream", () => {
  it("gives the same numbers for the same key, for ever", () => {
    const first = stream("seed", 20250405, "sample", 3);
    expect([first.uniform(), first.normal(), first.integer(1000)]).toMatchInlineSnapshot(`
      [
        0.342603793189873,
        -1.176168543551575,
        966,
      ]
    `);
  });

  it("keeps the parts of a key apart", () => {
    const keys: (string | number)[][] = [
      ["a", "bc"],
      ["ab", "c"],
      ["abc"],
      ["a", "b", "c"],
      [1],
      ["1"],
      ["a", 1, 23],
      ["a", 12, 3],
      [],
      [""],
      ["", ""],
    ];
    expect(new Set(keys.map((key) => streamKey(key))).size).toBe(keys.length);
    expect(new Set(keys.map((key) => stream(...key).uniform())).size).toBe(keys.length);
  });

  it("has an injective key", () => {
    const part = oneof(
      string({ unit: "binary" }),
      integer(),
      double({ noNaN: true, noDefaultInfinity: true }),
    );
    const normal = (key: (string | number)[]) => JSON.stringify(key.map((x) => (Object.is(x, -0) ? 0 : x)));
    assert(
      property(
        array(part, { maxLength: 4 }),
        array(part, { maxLength: 4 }),
        (a, b) => (streamKey(a) === streamKey(b)) === (normal(a) === normal(b)),
      ),
      { seed: 11, numRuns: 500 },
    );
  });

  it("refuses numbers in a key that are not finite", () => {
    expect(() => stream("a", NaN)).toThrow("a stream key holds NaN");
  });

  it("has no two of 100,000 neighbouring keys with the same first draw", () => {
    const first = new Set<number>();
    for (let i = 0; i < 100_000; i++)
      first.add(stream(7, "sample", i % 1000, Math.floor(i / 1000)).uniform());
    expect(first.size).toBe(100_000);
  });

  it("spends exactly one uniform on every draw", () => {
    const mixed = stream("one");
    const plain = stream("one");
    mixed.normal();
    mixed.integer(5);
    mixed.fillNormal(new Float64Array(3), 0, 3);
    mixed.fillUniform(new Float64Array(2), 0, 2);
    for (let i = 0; i < 7; i++) plain.uniform();
    expect(mixed.uniform()).toBe(plain.uniform());
  });

  it("fills the same numbers in one piece or in several", () => {
    const whole = new Float64Array(100);
    const parts = new Float64Array(100);
    stream("fill").fillNormal(whole, 0, 100);
    const source = stream("fill");
    source.fillNormal(parts, 0, 37);
    source.fillNormal(parts, 37, 100);
    expect(parts).toEqual(whole);
  });

  it("draws multiples of 2^-53 inside (0, 1), with all 53 bits in use", () => {
    const random = stream("bits");
    let low = 0;
    for (let i = 0; i < 10_000; i++) {
      const u = random.uniform();
      expect(u > 0 && u < 1 && Number.isInteger(u * 2 ** 53)).toBe(true);
      low += (u * 2 ** 53) % 2;
    }
    expect(Math.abs(low - 5000)).toBeLessThan(200);
  });

  it("refuses a bound that integer() cannot honour", () => {
    for (const bound of [0, -1, 1.5, NaN, 2 ** 33])
      expect(() => stream("a").integer(bound)).toThrow(RangeError);
  });
});

describe("streams of neighbouring keys", () => {
  const streams = 2000;
  const draws = 200;
  const table = new Float64Array(streams * draws);
  for (let s = 0; s < streams; s++)
    stream(20250405, "truth", "sample", s).fillUniform(table, s * draws, (s + 1) * draws);

  it("are uncorrelated at equal positions (4 standard errors)", () => {
    for (const lag of [1, 2, 10, 100]) {
      let sum = 0;
      const count = (streams - lag) * draws;
      for (let i = 0; i < count; i++) sum += (table[i] - 0.5) * (table[i + lag * draws] - 0.5);
      expect(Math.abs(12 * sum) / Math.sqrt(count)).toBeLessThan(4);
    }
  });

  it("have means that vary as independent draws do (4 standard errors)", () => {
    let variance = 0;
    for (let s = 0; s < streams; s++) {
      let mean = 0;
      for (let i = 0; i < draws; i++) mean += table[s * draws + i] - 0.5;
      variance += (12 * mean * mean) / draws / streams;
    }
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / streams));
  });

  it("are uniform at every position (chi square over 50 bins, 4 standard errors)", () => {
    for (const position of [0, 1, 2, draws - 1]) {
      const bins = new Float64Array(50);
      for (let s = 0; s < streams; s++) bins[Math.floor(table[s * draws + position] * 50)] += 1;
      const chiSquare = bins.reduce((sum, count) => sum + (count - streams / 50) ** 2 / (streams / 50), 0);
      expect(Math.abs(chiSquare - 49)).toBeLessThan(4 * Math.sqrt(98));
    }
  });
});
