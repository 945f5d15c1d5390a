#!/usr/bin/env node
/** Collisions among the keyed random streams of ten million keys, and a battery of tests of their uniformity and independence. Exit code 1 when two streams begin alike or a
 *  statistic is beyond 4.5 standard deviations.
 *
 *  node tools/reliability/streams.mjs [--keys 10000000] [--streams 20480] [--draws 1000]      (needs a build) */
import { parseArgs } from "node:util";
import { collisions, streamBattery } from "./stream-battery.mjs";

const { values } = parseArgs({
  options: {
    keys: { type: "string", default: "10000000" },
    streams: { type: "string", default: "20480" },
    draws: { type: "string", default: "1000" },
  },
});
const largest = 4.5;
const battery = streamBattery(Number(values.streams), Number(values.draws));
for (const { family, test, deviate } of battery)
  process.stdout.write(`${family.padEnd(11)} ${test.padEnd(40)} ${deviate.toFixed(2).padStart(6)}\n`);
const worst = Math.max(...battery.map(({ deviate }) => Math.abs(deviate)));
const spread = Math.sqrt(battery.reduce((sum, { deviate }) => sum + deviate ** 2, 0) / battery.length);
process.stdout.write(
  `${battery.length} statistics of ${values.streams} streams with ${values.draws} draws each: largest ${worst.toFixed(2)}, root mean square ${spread.toFixed(2)} (1 expected)\n`,
);
const found = collisions(Number(values.keys));
process.stdout.write(
  `${found.keys} keys: ${found.first} first draws occur twice (${((found.keys ** 2 / 2) * 2 ** -53).toFixed(4)} expected by chance), ${found.both} streams begin with the same two\n`,
);
if (!(worst < largest) || found.both > 0) process.exitCode = 1;
