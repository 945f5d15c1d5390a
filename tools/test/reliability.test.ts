import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { collisions, streamBattery } from "../reliability/stream-battery.mjs";

const run = promisify(execFile);

/** Runs a command of tools/reliability; its last words are the failure when it does not end well. */
async function reliability(name: string, ...args: string[]): Promise<string> {
  const file = fileURLToPath(new URL(`../reliability/${name}.mjs`, import.meta.url));
  const { stdout } = await run(process.execPath, [file, ...args], { maxBuffer: 1e8 }).catch((error) => {
    throw new Error(`${name}: ${error.stdout}${error.stderr}`);
  });
  return stdout;
}

describe("short versions of the commands behind docs/reliability.md", () => {
  test("ten kills and two signals lose, repeat and change nothing", async () => {
    const out = await reliability("crash", "--kills", "10", "--signals", "1");
    expect(out).toMatch(/10 kills survived: .* 0 lost after commit, 0 twice, 0 different/);
  });

  test("bad input of a fixed seed ends with 0 or 2 and changes no file", async () => {
    const out = await reliability("fuzz", "--cases", "1500", "--seed", "20250405");
    expect(out).toMatch(/15\d\d cases, seed 20250405/);
  });

  test.each([
    "hang in a worker thread",
    "abort in a worker process",
    "abort in a worker thread",
    "second run",
    "clients of the live socket",
    "a process that is stopped",
    "a clock that jumps",
    "a disk that is full",
    "cannot be written",
    "a log without its database",
  ])("a fault: %s", async (name) => {
    const out = await reliability("faults", "--only", name);
    if (out.includes("skipped  ")) console.log(out);
    expect(out).toMatch(/^(held|skipped) {2,5}/);
  });

  test("a soak of 8,000 replicates ends well and answers meanwhile", async () => {
    const out = await reliability("soak", "--replicates", "8000", "--every", "0.5", "--slowest", "300");
    expect(out).toMatch(/8000 replicates in \d+ s on 1 thread/);
    expect(out).toMatch(/status: median \d+ ms/);
  });
});

describe("keyed random streams", () => {
  const battery = streamBattery(1024, 100);

  test("pass every test of uniformity and independence in every part of the key (4.5 standard deviations)", () => {
    expect(battery.length).toBe(55);
    expect(battery.filter(({ deviate }) => !(Math.abs(deviate) < 4.5))).toEqual([]);
  });

  test("give statistics that are neither too even nor too wild", () => {
    const squares = battery.reduce((sum, { deviate }) => sum + deviate ** 2, 0);
    expect(Math.abs(squares - battery.length)).toBeLessThan(4 * Math.sqrt(2 * battery.length));
  });

  test("of 250,000 neighbouring keys begin differently", () => {
    expect(collisions(250_000)).toEqual({ keys: 250_000, first: 0, both: 0 });
  });
});
