import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { command, temporaryFolder } from "./support.ts";

const study = (name: string) => fileURLToPath(new URL(`../studies/${name}.yaml`, import.meta.url));
const json = async (...args: string[]) => {
  const { code, out, err } = await command(".", ...args, "--json");
  expect(err).toBe("");
  expect(code).toBe(0);
  const parsed: any = JSON.parse(out);
  return parsed;
};

/** h(x) = u |u|, u = a . x: homogeneous of degree 2, not one of ours. */
const plugin = `export const experts = { "signed-square": {
  name: "signed-square", description: "u |u| with u = a . x", options: {},
  atomFields: (inputDim) => [{ name: "a", length: inputDim }],
  create: () => ({
    family: "signed-square",
    channels: [{ basis: "input", slope: "a", intercept: "" }],
    secondPairs: [[0, 0]],
    evaluate({ memory: { f64 } }, { channels, value, first, second }, n, order) {
      for (let i = 0; i < n; i++) {
        const u = f64[channels[0] + i];
        f64[value + i] = u * Math.abs(u);
        if (order >= 1) f64[first[0] + i] = 2 * Math.abs(u);
        if (order >= 2) f64[second[0] + i] = 2 * Math.sign(u);
      }
    },
  }),
} };`;

describe("theory", () => {
  it("prints every loss component of a study with the published and the audited law", async () => {
    const rows = await json("theory", study("softmax-linear"));
    const over = rows.find((row: any) => row.specification === "over" && row.component === "over-expert-rms");
    expect(over.published).toMatchObject({ kind: "slower-than-power", scope: "minimax" });
    expect(over.audited).toMatchObject({ kind: "not-identified", exponent: null });
    expect(
      rows
        .filter((row: any) => row.loss === "regression-l2")
        .every((row: any) => row.audited.exponent === -0.5),
    ).toBe(true);
  });

  it("answers without a study, for an expert by name", async () => {
    const rows = await json(
      "theory",
      "--expert",
      "ffn:tanh",
      "--true-atoms",
      "3",
      "--atoms",
      "4",
      "--loss",
      "voronoi-d2:1",
    );
    expect(rows.find((row: any) => row.component === "total").audited.exponent).toBe(-0.25);
    const { code, err } = await command(".", "theory", "--expert", "ffn:tahn");
    expect(code).toBe(2);
    expect(err).toContain("did you mean tanh?");
    expect((await command(".", "theory", "--atoms", "3")).code).toBe(2);
  });

  it("prints the whole table and the degenerate sequences", async () => {
    const { out } = await command(".", "theory");
    expect(out).toContain("two-level hierarchical softmax");
    expect(out).toContain("docs/audit.md");
    const sequences = await json("theory", "--sequences");
    const point = sequences.find((row: any) => row.theorem === "theorem-2" && row.r === 2 && row.n === 100);
    expect(point.loss / 1.4e-4).toBeCloseTo(1, 1);
    expect(point.ratio / 2e-3).toBeCloseTo(1, 1);
  });
});

describe("identify", () => {
  it("prints {exact, over} with verdict, smallest value and direction", async () => {
    const found = await json("identify", study("softmax-linear"), "--points", "2000");
    expect(found.exact).toMatchObject({ verdict: "identified" });
    expect(found.exact.smallest).toBeGreaterThan(1e-3);
    expect(found.over).toMatchObject({ verdict: "unidentified" });
    expect(found.witnesses.map((one: any) => one.id)).toContain("N7");
    const tanh = await json("identify", study("softmax-tanh-exact"), "--points", "2000");
    expect([tanh.exact.verdict, tanh.over.verdict]).toEqual(["identified", "identified"]);
  });

  it("finds a homogeneous expert of a plugin unidentified and prints the direction", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "square.mjs");
    writeFileSync(file, plugin);
    const args = [
      study("softmax-tanh-exact"),
      "--plugin",
      file,
      "--set",
      "truth.expert=signed-square",
      "--points",
      "2000",
    ];
    const found = await json("identify", ...args);
    expect(found.over.verdict).toBe("unidentified");
    expect(found.over.direction[0].directions[0]).toMatchObject({
      "a[0]": 1,
      "a[1]": expect.closeTo(0.5, 6),
      "beta1[0]": 0,
    });
    const { out } = await command(".", "identify", ...args);
    expect(out).toContain("direction: atom[0] +- {a[0] 1.00, a[1] 0.500}");
    expect(out).toContain("witness N2, k = 3");
  });

  it("tests Definition 2 with a plugin's expert read as a router", async () => {
    const folder = temporaryFolder();
    const file = join(folder, "square.mjs");
    writeFileSync(file, plugin);
    const of = async (router: string) => {
      const found = await json(
        "identify",
        study("softmax-tanh-exact"),
        "--plugin",
        file,
        "--router",
        router,
        "--points",
        "500",
      );
      return found.definitions
        .filter((one: any) => one.definition.includes(router))
        .map((one: any) => one.holds);
    };
    expect(await of("signed-square")).toEqual([false, false]);
    expect(await of("ffn:gelu,no-bias")).toEqual([true, true]);
    const { code, err } = await command(".", "identify", study("softmax-tanh-exact"), "--router", "ffn:tahn");
    expect(code).toBe(2);
    expect(err).toContain("--router");
  });

  it("refuses a study that is none", async () => {
    const { code, err } = await command(".", "identify", "nowhere.yaml");
    expect(code).toBe(2);
    expect(err).toContain("nowhere.yaml: no such study file");
  });
});

describe("profile", () => {
  it("prints exponents and plateaus", async () => {
    const [over] = await json("profile", study("softmax-linear"), "--extra", "1", "--points", "256");
    const of = (name: string) => over.quantities.find((one: any) => one.quantity === name);
    expect(of("over-expert-rms").verdict).toBe("plateau");
    const [exact] = await json("profile", study("softmax-tanh-exact"), "--extra", "0", "--points", "256");
    const loss = exact.quantities.find((one: any) => one.quantity === "voronoi-d1");
    expect(loss.verdict).toBe("power");
    expect(Math.abs(loss.exponent - 1)).toBeLessThan(0.05);
  });

  it("refuses a range of epsilons too short for an exponent", async () => {
    const { code, err } = await command(
      ".",
      "profile",
      study("softmax-tanh-exact"),
      "--from",
      "1e-3",
      "--to",
      "1e-4",
    );
    expect(code).toBe(2);
    expect(err).toContain("--to must be at most a thirtieth of --from");
  });
});

describe("witness", () => {
  it("prints the counter-examples of a truth, or that there are none it knows", async () => {
    const found = await json("witness", study("softmax-linear"));
    expect(found.map((one: any) => one.id)).toEqual(["N1", "N2", "N4", "N7"]);
    for (const one of found) {
      expect(one.residual).toBeLessThan(1e-12);
      expect(one.distance).toBeGreaterThan(0.1);
      expect(one.atoms).toHaveLength(one.k);
    }
  });
});

describe("docs/audit.md", () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const commands = readFileSync(join(root, "docs/audit.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("npx moe-rates "))
    .map((line) => line.replace(/\s+#.*$/u, ""));
  const words = (line: string) =>
    [...line.matchAll(/'([^']*)'|(\S+)/gu)].slice(2).map(([, quoted, plain]) => quoted ?? plain ?? "");

  it.each([...new Set(commands)])("%s works", async (line) => {
    const points = /^npx moe-rates (profile|identify)/u.test(line) ? ["--points", "200"] : [];
    const { code, out, err } = await command(root, ...words(line), ...points);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(100);
  });

  const sections = readFileSync(join(root, "docs/audit.md"), "utf8").split(/^## /mu).slice(1);
  const named = sections.flatMap((section) => {
    const [title = ""] = section.split("\n", 1);
    const ids = title.match(/N\d+b?/gu) ?? [];
    const shown = section.split("\n").filter((line) => /^npx moe-rates (witness|identify)/u.test(line));
    return shown.length === 0 ? [] : ids.map((id) => [title, id, shown] as const);
  });

  it.each(named)("%s: a command of the section prints %s", async (_, id, lines) => {
    const outputs = await Promise.all(
      lines.map(
        async (line) =>
          (await command(root, ...words(line), ...(line.includes("identify") ? ["--points", "200"] : [])))
            .out,
      ),
    );
    expect(outputs.join("\n")).toMatch(new RegExp(String.raw`\b${id}\b`, "u"));
  });
});
