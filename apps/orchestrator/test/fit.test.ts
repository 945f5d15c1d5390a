import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { command, temporaryFolder } from "./support.ts";

const folder = temporaryFolder();
const data = join(folder, "data.csv");
const rows = Array.from({ length: 40 }, (_, i) => `${i / 10},${Math.sin(i)},${i % 7}`);
writeFileSync(data, `x1,x2,y\n${rows.join("\n")}\n`);
const base = ["fit", data, "--x", "x1,x2", "--y", "y"];

describe("fit refuses with exit code 2", () => {
  writeFileSync(join(folder, "one.json"), '[{"beta1": [0, 0], "beta0": 0, "a": [1, 1], "b": 0}]');
  writeFileSync(join(folder, "text.json"), "no JSON");
  writeFileSync(join(folder, "short.csv"), "x1,x2,y\n1,2,3\n");
  writeFileSync(join(folder, "hole.csv"), "x1,x2,y\n1,2,3\n4,,6\n");
  const cases: [string, string[], RegExp][] = [
    ["no expert", [...base, "--atoms", "2"], /fit: --expert EXPERT is required/],
    [
      "zero atoms",
      [...base, "--expert", "linear", "--atoms", "0"],
      /--atoms must be a whole number of at least 1/,
    ],
    [
      "an unknown expert",
      [...base, "--expert", "liner", "--atoms", "2"],
      /--expert: unknown expert "liner"; known: .*did you mean linear\?/,
    ],
    [
      "an unknown gating",
      [...base, "--gating", "sofmax", "--expert", "linear", "--atoms", "2"],
      /--gating: unknown gating "sofmax"/,
    ],
    [
      "an unknown option of a family",
      [...base, "--expert", "ffn:tanh,no-bais", "--atoms", "2"],
      /--expert: .*no-bais.*known: .*bias/,
    ],
    [
      "an unknown activation",
      [...base, "--expert", "ffn:tahn", "--atoms", "2"],
      /--expert: option activation of expert ffn must be one of .*tanh, not "tahn"; did you mean tanh\?/,
    ],
    [
      "a wrong value in a mapping",
      [...base, "--expert", "{family: ffn, activation: tahn}", "--atoms", "2"],
      /one of .*tanh, not "tahn"/,
    ],
    ["a mapping without family", [...base, "--expert", "{degree: 3}", "--atoms", "2"], /names no family/],
    ["a broken mapping", [...base, "--expert", "{family: [", "--atoms", "2"], /--expert: /],
    [
      "a negative box",
      [...base, "--expert", "linear", "--atoms", "2", "--box", "-1"],
      /--box must be a number of at least/,
    ],
    [
      "no starts",
      [...base, "--expert", "linear", "--atoms", "2", "--starts", "0"],
      /--starts must be a whole number of at least 1/,
    ],
    [
      "too few atoms in --start",
      [...base, "--expert", "linear", "--atoms", "2", "--start", join(folder, "one.json")],
      /--start .*one.json: .*2 atoms, got 1/,
    ],
    [
      "--start that is no JSON",
      [...base, "--expert", "linear", "--atoms", "2", "--start", join(folder, "text.json")],
      /--start .*text.json: /,
    ],
    [
      "--start that is not there",
      [...base, "--expert", "linear", "--atoms", "2", "--start", "no.json"],
      /--start no.json: .*no such file/,
    ],
    [
      "too few rows",
      ["fit", join(folder, "short.csv"), "--x", "x1,x2", "--y", "y", "--expert", "linear", "--atoms", "2"],
      /1 rows, the model 12 parameters/,
    ],
    [
      "a missing cell",
      ["fit", join(folder, "hole.csv"), "--x", "x1,x2", "--y", "y", "--expert", "linear", "--atoms", "1"],
      /hole.csv, line 3, column x2: the cell is missing/,
    ],
    [
      "an unknown column",
      [...base.slice(0, 4), "--y", "z", "--expert", "linear", "--atoms", "1"],
      /no column "z"; it has x1, x2, y/,
    ],
    [
      "the response among the inputs",
      [...base.slice(0, 4), "--y", "x1", "--expert", "linear", "--atoms", "1"],
      /column x1 is named twice/,
    ],
  ];
  test.each(cases)("%s", async (_, args, message) => {
    const { code, out, err } = await command(folder, ...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
    expect(out).toBe("");
  });
});
