/** Tests of the keyed random streams. Every test gives a statistic that is standard normal, up to the quality of an approximation, when all draws of all streams are
 *  independent and uniform. */
import { stream } from "../../packages/math/dist/index.js";

/** Keys as studies make them, all alike but for one part: neighbouring replicates, seeds, sample sizes, purposes, hashes of truths.
 *  @type {Record<string, (i: number) => (string | number)[]>} */
export const keyFamilies = {
  replicates: (i) => [20250405, "9c1f4be2a07d3355", "common", i, "inputs"],
  seeds: (i) => [i, "9c1f4be2a07d3355", "common", 0, "inputs"],
  sizes: (i) => [20250405, "9c1f4be2a07d3355", `common/${i}`, 0, "noise"],
  purposes: (i) => [20250405, "9c1f4be2a07d3355", "fit 1d00/500", 0, `random/3/${i}`],
  truths: (i) => [20250405, `9c1f4be2${i.toString(16).padStart(8, "0")}`, "common", 0, "noise"],
};

/** Draws of neighbouring streams of a family: stream s has its draws at s * draws.
 *  @param {(i: number) => (string | number)[]} key @param {number} streams @param {number} draws */
export function drawTable(key, streams, draws) {
  const table = new Float64Array(streams * draws);
  for (let s = 0; s < streams; s++) stream(...key(s)).fillUniform(table, s * draws, (s + 1) * draws);
  return { table, streams, draws };
}

/** @typedef {{ table: Float64Array, streams: number, draws: number }} Draws */

/** Chi-square of counts that should be equal, as a normal deviate. @param {Float64Array} counts @param {number} total */
function evenCounts(counts, total) {
  const expected = total / counts.length;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  const freedom = counts.length - 1;
  return (Math.cbrt(chiSquare / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
}

/** Chi-square over a 32 x 32 grid of pairs (u, v), every draw in one pair. @param {Draws} draws @param {number} lag from u to v in the table @param {(at: number) => boolean} first */
function pairs({ table }, lag, first) {
  const side = 32;
  const counts = new Float64Array(side * side);
  let total = 0;
  for (let at = 0; at + lag < table.length; at++) {
    if (!first(at)) continue;
    counts[Math.floor(table[at] * side) * side + Math.floor(table[at + lag] * side)] += 1;
    total += 1;
  }
  return evenCounts(counts, total);
}

/** @type {Record<string, (draws: Draws) => number>} */
const tests = {
  "uniform over 1000 bins"({ table }) {
    const counts = new Float64Array(1000);
    for (const u of table) counts[Math.floor(u * 1000)] += 1;
    return evenCounts(counts, table.length);
  },
  "first draws uniform over 100 bins"({ table, streams, draws }) {
    const counts = new Float64Array(100);
    for (let s = 0; s < streams; s++) counts[Math.floor(table[s * draws] * 100)] += 1;
    return evenCounts(counts, streams);
  },
  "pairs within a stream": (all) =>
    pairs(all, 1, (at) => (at % all.draws) % 2 === 0 && (at % all.draws) + 1 < all.draws),
  "pairs at equal places of neighbours": (all) =>
    pairs(all, all.draws, (at) => Math.floor(at / all.draws) % 2 === 0),
  "pairs at shifted places of neighbours": (all) =>
    pairs(
      all,
      all.draws + 1,
      (at) => Math.floor(at / all.draws) % 2 === 0 && (at % all.draws) + 1 < all.draws,
    ),
  "correlation with the next stream"({ table, draws }) {
    let sum = 0;
    const count = table.length - draws;
    for (let at = 0; at < count; at++) sum += (table[at] - 0.5) * (table[at + draws] - 0.5);
    return (12 * sum) / Math.sqrt(count);
  },
  "variance of stream means"({ table, streams, draws }) {
    let sum = 0;
    for (let s = 0; s < streams; s++) {
      let mean = 0;
      for (let i = 0; i < draws; i++) mean += table[s * draws + i] - 0.5;
      sum += (12 * mean * mean) / draws;
    }
    return (sum - streams) / Math.sqrt(2 * streams);
  },
  "rises within streams"({ table, streams, draws }) {
    let rises = 0;
    for (let s = 0; s < streams; s++)
      for (let i = 1; i < draws; i++) rises += table[s * draws + i] > table[s * draws + i - 1] ? 1 : 0;
    return (rises - (streams * (draws - 1)) / 2) / Math.sqrt((streams * (draws + 1)) / 12);
  },
  "balance of the 53 bits"({ table }) {
    const ones = new Float64Array(53);
    for (const u of table)
      for (let bit = 0, left = u; bit < 53; bit++) {
        left *= 2;
        if (left >= 1) {
          ones[bit] += 1;
          left -= 1;
        }
      }
    const chiSquare = ones.reduce((sum, count) => sum + (2 * count - table.length) ** 2 / table.length, 0);
    return (Math.cbrt(chiSquare / 53) - (1 - 2 / (9 * 53))) / Math.sqrt(2 / (9 * 53));
  },
  "bits that change from stream to stream"({ table, draws }) {
    let changed = 0;
    const count = table.length - draws;
    for (let at = 0; at < count; at++) {
      const [a, b] = [Math.floor(table[at] * 2 ** 32), Math.floor(table[at + draws] * 2 ** 32)];
      for (let left = (a ^ b) >>> 0; left !== 0; left &= left - 1) changed += 1;
    }
    return (changed - 16 * count) / Math.sqrt(8 * count);
  },
  "birthday spacings of first draws"({ table, streams, draws }) {
    const [birthdays, days] = [512, 2 ** 24];
    let [equal, groups] = [0, 0];
    for (let from = 0; from + birthdays <= streams; from += birthdays) {
      const days_ = Float64Array.from({ length: birthdays }, (_, i) =>
        Math.floor(table[(from + i) * draws] * days),
      ).sort();
      const spacings = days_
        .slice(1)
        .map((day, i) => day - days_[i])
        .sort();
      for (let i = 1; i < spacings.length; i++) equal += spacings[i] === spacings[i - 1] ? 1 : 0;
      groups += 1;
    }
    const expected = (groups * birthdays ** 3) / (4 * days);
    return (equal - expected) / Math.sqrt(expected);
  },
};

/** Deviates of every test on every family of keys. @param {number} streams @param {number} draws */
export function streamBattery(streams, draws) {
  return Object.entries(keyFamilies).flatMap(([family, key]) => {
    const all = drawTable(key, streams, draws);
    return Object.entries(tests).map(([test, statistic]) => ({ family, test, deviate: statistic(all) }));
  });
}

/** How many of so many keys, a share of each family, have the first draw of another one, and how many also the second.
 *  @param {number} keys */
export function collisions(keys) {
  const families = Object.values(keyFamilies);
  const each = Math.ceil(keys / families.length);
  const first = new Float64Array(each * families.length);
  families.forEach((key, family) => {
    for (let i = 0; i < each; i++) first[family * each + i] = stream(...key(i + 1)).uniform();
  });
  const sorted = first.toSorted();
  const twice = new Set();
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) twice.add(sorted[i]);
  /** @type {Map<string, number>} */
  const both = new Map();
  first.forEach((value, at) => {
    if (!twice.has(value)) return;
    const random = stream(...families[Math.floor(at / each)]((at % each) + 1));
    const draws = `${random.uniform()} ${random.uniform()}`;
    both.set(draws, (both.get(draws) ?? 0) + 1);
  });
  return {
    keys: first.length,
    first: twice.size,
    both: [...both.values()].filter((count) => count > 1).length,
  };
}
