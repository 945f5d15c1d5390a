import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { engineNamed } from "../src/engines.ts";
import { loadStudy } from "../src/load-study.ts";
import { nativeBinding } from "../src/native-binding.ts";
import { temporaryFolder } from "./support.ts";

const bin = fileURLToPath(new URL("../bin/moe-rates.mjs", import.meta.url));
const plugin = fileURLToPath(new URL("../../../examples/forward-bump.mjs", import.meta.url));
const bumps = fileURLToPath(new URL("../../../examples/bump-study.yaml", import.meta.url));
const folder = temporaryFolder();
const noNative = nativeBinding() === null;
const why = "no native TensorFlow here: npm run setup:native makes it";

function moeRates(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: "utf8" });
}

function rowsOf(database: string, sql: string): Record<string, unknown>[] {
  const { status, stdout, stderr } = moeRates("query", database, sql, "--json");
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

const data = join(folder, "data.csv");
const lines = Array.from({ length: 400 }, (_, i) => {
  const [x1, x2] = [3 * Math.sin(i), 3 * Math.cos(1.7 * i)];
  const p = 1 / (1 + Math.exp(-x1 + 0.7 * x2));
  return `${x1},${x2},${p * Math.tanh(1.6 * x1 + 0.8 * x2) + (1 - p) * Math.tanh(1.6 * x2 - 0.8 * x1) + 0.1 * Math.sin(7 * i * i)}`;
});
writeFileSync(data, `x1,x2,y\n${lines.join("\n")}\n`);

const trained = `name: trained
seed: 3
truth:
  gating: softmax
  expert: {family: ffn, activation: tanh, bias: false}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8]}
    - {beta1: [0, 0], beta0: 0, a: [-0.8, 1.6]}
fit:
  - {name: certified, atoms: 2, starts: {near-truth: {radius: 0.2, count: 2}}}
  - {name: sgd, atoms: 2, estimator: {sgd: {epochs: 4, learningRate: 0.1, batch: 50}}}
  - {name: adam, atoms: 3, estimator: {adam: {epochs: 4, learningRate: 0.02, batch: 50}}, starts: {near-truth: {radius: 0.2, count: 2}}}
design: {sampleSizes: [200, 400], replicates: 9}
losses: [voronoi-d1]
`;
writeFileSync(join(folder, "trained.yaml"), trained);

describe("fit --engine", () => {
  const fit = (engine: string) => {
    const model = [
      "--x",
      "x1,x2",
      "--y",
      "y",
      "--expert",
      "ffn:tanh,no-bias",
      "--atoms",
      "2",
      "--starts",
      "12",
    ];
    const { status, stdout, stderr } = moeRates("fit", data, ...model, "--engine", engine, "--json");
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout);
  };
  const fused = fit("auto");

  test.for(["tfjs-cpu", "tfjs-wasm", "tfjs-native"])(
    "%s finds the minimum that the fused engine finds",
    (engine, { skip }) => {
      skip(engine === "tfjs-native" && noNative, why);
      const found = fit(engine);
      expect(found).toMatchObject({ engine, status: "converged", certified: true });
      expect(Math.abs(found.sse - fused.sse)).toBeLessThan((0.01 * fused.sse) / 400);
    },
  );

  test("tfjs is the fastest backend of this machine", () => {
    expect(fit("tfjs").engine).toBe(noNative ? "tfjs-wasm" : "tfjs-native");
  });

  test("a native engine that is not there is refused with the command that makes it", ({ skip }) => {
    skip(!noNative, "native TensorFlow is installed");
    const { status, stderr } = moeRates(
      "fit",
      data,
      "--x",
      "x1",
      "--y",
      "y",
      "--expert",
      "linear",
      "--atoms",
      "2",
      "--engine",
      "tfjs-native",
    );
    expect(status).toBe(2);
    expect(stderr).toContain("npm run setup:native");
  });
});

describe("training as an estimator", () => {
  const columns =
    "d.fit, d.k, p.n, r.replicate, r.status, r.certified, r.local, r.sse, r.cosine, r.iterations";
  const everything = `SELECT ${columns} FROM replicates r JOIN design_points p USING (design_point) JOIN designs d USING (design) ORDER BY ALL`;
  const run = (out: string, ...more: string[]) => {
    const { status, stderr } = moeRates("run", "trained.yaml", "--out", out, ...more);
    expect(status, stderr).toBe(0);
  };

  test("gives the same rows on one thread, on two, and after an interruption between groups", () => {
    run("one.duckdb", "--engine", "tfjs-cpu", "--threads", "1");
    run("two.duckdb", "--engine", "tfjs-cpu", "--threads", "2", "--set", "design.replicates=3");
    run("two.duckdb", "--engine", "tfjs-cpu", "--threads", "2");
    const rows = rowsOf("one.duckdb", everything);
    expect(rows).toHaveLength(54);
    expect(rowsOf("two.duckdb", everything)).toEqual(rows);
  });

  test("is local, never certified, counts its steps, and comes near the least-squares estimate", () => {
    const rows = rowsOf("one.duckdb", everything);
    for (const { fit, status, certified, local, n, iterations, sse } of rows) {
      if (fit === "certified") continue;
      expect({ status, certified, local }).toEqual({ status: "trained", certified: false, local: true });
      expect(iterations).toBe(((4 * Number(n)) / 50) * (fit === "adam" ? 2 : 1));
      const least = rows.find((one) => one.fit === "certified" && one.n === n)!;
      expect(Number(sse)).toBeGreaterThan(0.8 * Number(least.sse));
      expect(Number(sse)).toBeLessThan(0.5 * Number(n));
    }
  });

  test("names TensorFlow.js in the identity of trained designs only, and verify recomputes both kinds", () => {
    run("auto.duckdb", "--set", "design.replicates=2", "--set", "design.sampleSizes=[200]");
    const engines = rowsOf(
      "auto.duckdb",
      "SELECT fit, identity->>'engine' AS engine FROM designs ORDER BY fit",
    );
    const expected = noNative ? "tfjs-wasm" : "tfjs-native";
    expect(engines.map(({ engine }) => engine)).toEqual([expected, "fused-simd", expected]);
    const { status, stderr, stdout } = moeRates("verify", "auto.duckdb", "--sample", "100%");
    expect(status, stderr + stdout).toBe(0);
  });

  test("refuses starts that are not near the truth, and plans that cannot be", () => {
    const bad = (set: string) => moeRates("validate", "trained.yaml", "--set", set);
    expect(bad("fit[1].starts={random: 3}").stderr).toContain("training starts near the truth only");
    expect(bad("fit[1].estimator={sgd: {epochs: 0, learningRate: 0.1}}").status).toBe(2);
    expect(bad("fit[1].estimator=sdg").stderr).toContain("estimator");
    expect(bad("fit[1].expert=linear").stderr).toContain("other parameters than the truth's");
  });
});

describe("the shipped studies", () => {
  const folder = fileURLToPath(new URL("../studies", import.meta.url));
  const files = readdirSync(folder).filter((file) => file.endsWith(".yaml"));
  const load = (file: string, engine?: string) =>
    loadStudy({
      file: join(folder, file),
      cwd: folder,
      overrides: [],
      plugins: [],
      engine: engineNamed(engine),
    });

  test.for(files)("%s is a valid study of its own name", async (file) => {
    const { study } = await load(file);
    expect(`${study.name}.yaml`).toBe(file);
  });

  test("wide-experts runs on native TensorFlow by default where it is installed, else on what is fastest", async () => {
    const { designs, parameters } = await load("wide-experts.yaml");
    expect([...parameters.values()]).toEqual([1122, 1122]);
    expect(designs.map(({ identity }) => identity.engine)).toEqual(
      noNative ? ["fused-simd", "tfjs-wasm"] : ["tfjs-native", "tfjs-native"],
    );
    const fused = await load("wide-experts.yaml", "fused-simd");
    expect(fused.designs[0].identity.engine).toBe("fused-simd");
  });
});

describe("an expert written only as a forward pass", () => {
  const small = ["--set", "design.replicates=2", "--set", "design.sampleSizes=[500]"];
  const found = (engine: string) => {
    const out = `bumps-${engine}.duckdb`;
    const { status, stderr } = moeRates(
      "run",
      bumps,
      "--plugin",
      plugin,
      "--out",
      out,
      "--engine",
      engine,
      ...small,
    );
    expect(status, stderr).toBe(0);
    return rowsOf(out, "SELECT certified, sse, sse_truth FROM replicates ORDER BY replicate");
  };

  test("is fitted and certified by the fused engine and on TensorFlow.js alike", () => {
    const [fused, tensors] = [found("fused-simd"), found("tfjs-cpu")];
    fused.forEach(({ certified, sse, sse_truth }, i) => {
      expect(certified).toBe(true);
      expect(Number(sse)).toBeLessThan(Number(sse_truth));
      expect(Math.abs(Number(tensors[i].sse) - Number(sse))).toBeLessThan(1e-4);
    });
  });

  test("is checked for identifiability by its derivatives: a spare atom may part in the parameter it is affine in", () => {
    const { status, stdout, stderr } = moeRates(
      "identify",
      bumps,
      "--plugin",
      plugin,
      "--points",
      "2000",
      "--json",
    );
    expect(status, stderr).toBe(0);
    const { exact, over, witnesses } = JSON.parse(stdout);
    expect(exact).toMatchObject({ verdict: "identified" });
    expect(over).toMatchObject({ verdict: "unidentified" });
    const [direction] = over.direction[0].directions;
    expect(direction).toMatchObject({ height: 1, sharpness: 0, "centre[0]": 0, "beta1[0]": 0 });
    expect(witnesses.map(({ id }: { id: string }) => id)).toContain("N1");
  });

  test("runs through a study by the commands of the package's README", () => {
    const root = fileURLToPath(new URL("../../..", import.meta.url));
    const readme = readFileSync(join(root, "packages", "engine-tfjs", "README.md"), "utf8");
    const commands = readme.split("\n").filter((line) => line.startsWith("npx moe-rates "));
    expect(commands.map((line) => line.split(" ")[2])).toEqual(["identify", "run"]);
    for (const line of commands) {
      const words = line
        .split(" ")
        .slice(2)
        .map((word) => (word.startsWith("examples/") ? join(root, word) : word));
      const { status, stderr } = moeRates(...words, ...small);
      expect(status, stderr).toBe(0);
    }
    const [rows] = rowsOf(
      "bumps.duckdb",
      "SELECT count(*) AS fits, count_if(certified) AS certified FROM replicates",
    );
    expect(rows).toEqual({ fits: 2, certified: 2 });
  });
});
