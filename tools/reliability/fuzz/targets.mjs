/** What is fuzzed: for every target its cases, and the files and the command line of a case. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";
import fc from "fast-check";
import { verbs } from "../../../apps/orchestrator/dist/command-line/verbs.js";
import { openMemoryDatabase } from "../../../apps/orchestrator/dist/store/duckdb-instance.js";
import { runCommand, startCommand, until } from "../run-command.mjs";
import { writeSmallStudy } from "../small-study.mjs";
import {
  anySql,
  anyValue,
  brokenBytes,
  changedTree,
  editedText,
  scaledNumbers,
  snippets,
} from "./arbitraries.mjs";

const fromStudy = createRequire(new URL("../../../packages/study/package.json", import.meta.url));
/** @type {{ parse(text: string): unknown, stringify(value: unknown): string }} */
const { parse, stringify } = fromStudy("yaml");

/**
 * @typedef {{ files: Record<string, string | Uint8Array>, args: string[], runs?: boolean, reads?: string, writes?: string[] }} Case
 * `writes`: what the command may leave when it succeeds. `reads`: a file of all cases that the command reads. `runs`: the command may fit, so that failed replicates (3) are a valid outcome and its database a new file.
 * @typedef {{ name: string, share: number, cases: fc.Arbitrary<Case> }} Target `share` of all cases.
 */

/** A study that uses most of what a study can say. */
const fullStudy = `name: fuzzed
seed: 20250405
truth:
  gating: softmax
  expert: {family: ffn, activation: tanh, bias: true}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8], b: 0.5}
    - {beta1: [0, 0], beta0: 0, a: [-0.8, 1.6], b: -0.5}
fit:
  - {name: exact, atoms: 2, box: 10, starts: {near-truth: {radius: 0.1, count: 2}, random: 6}}
  - {name: over, atoms: [3, 4], gating: sigmoid, expert: {family: polynomial, degree: 2}, starts: mixed}
design:
  sampleSizes: {from: 1e2, to: 1e4, count: 5}
  replicates: 40
  nested: true
losses: [voronoi-d1, regression-l2]
`;

const covariatesStudy = fullStudy.replace(
  /input: .*/,
  "input: {law: covariates, file: FILE, columns: [x1, x2]}",
);

/** @param {string} folder for the files that cases start from @returns {Promise<Target[]>} */
export async function fuzzTargets(folder) {
  mkdirSync(folder, { recursive: true });
  const study = writeSmallStudy(folder, { replicates: 3, atoms: [2], sizes: [40, 80] });
  const database = join(folder, "whole.duckdb");
  const made = await runCommand(["run", study, "--out", database, "--threads", "1"], { cwd: folder });
  if (made.code !== 0) throw new Error(made.err);
  const whole = readFileSync(database);
  const killed = await killedDatabase(folder);
  const csv = `x1,x2,"y, z"\n${Array.from({ length: 30 }, (_, i) => `${Math.sin(i)},${i / 7},${i % 3 === 0 ? '"a ""b"""' : i}`).join("\n")}\n`;
  const parquet = await parquetBytes(folder);
  const tree = parse(fullStudy);
  const validate = (/** @type {string} */ text, /** @type {string[]} */ ...more) => ({
    files: { "s.yaml": text },
    args: ["validate", "s.yaml", ...more],
  });
  const withFile = (/** @type {string} */ name, /** @type {string | Uint8Array} */ content) => ({
    files: { "s.yaml": covariatesStudy.replace("FILE", name), [name]: content },
    args: ["validate", "s.yaml"],
  });
  const keys = fc.constantFrom(
    "seed",
    "fit.box",
    "fit[0].box",
    "truth.atoms[1].a",
    "truth.atoms",
    "a..b",
    "",
    "__proto__.a",
    "design.sampleSizes.from",
    "truth.input.dim",
    "design.replicates",
  );
  const settings = fc.oneof(
    fc.string(),
    fc
      .tuple(
        keys,
        fc.oneof(
          snippets,
          anyValue.map((value) => JSON.stringify(value) ?? ""),
        ),
      )
      .map(([key, value]) => `${key}=${value}`),
  );
  const asText = fc
    .tuple(changedTree(tree), fc.boolean())
    .map(([changed, json]) => (json ? JSON.stringify(changed) : stringify(changed)));
  const readers = fc.constantFrom(
    ["status"],
    ["rates", "--json"],
    ["rates", "--all"],
    ["verify", "--sample", "1%"],
    ["query", "SELECT count(*), max(hash(r)) FROM replicates r"],
    ["query", "FROM losses"],
  );
  return [
    { name: "edited study text", share: 0.25, cases: editedText(fullStudy).map((text) => validate(text)) },
    { name: "changed study values", share: 0.24, cases: asText.map((text) => validate(text)) },
    {
      name: "--set",
      share: 0.1,
      cases: fc
        .array(settings, { minLength: 1, maxLength: 3 })
        .map((list) => validate(fullStudy, ...list.map((one) => `--set=${one}`))),
    },
    { name: "command lines", share: 0.1, cases: commandLines() },
    {
      name: "CSV",
      share: 0.12,
      cases: fc
        .tuple(editedText(csv), fc.constantFrom("x.csv", "x.tsv"))
        .map(([text, name]) => withFile(name.replace("tsv", "csv"), text)),
    },
    {
      name: "Parquet",
      share: 0.06,
      cases: brokenBytes(parquet).map((bytes) => withFile("x.parquet", bytes)),
    },
    {
      name: "SQL",
      share: 0.09,
      cases: anySql.map((sql) => ({ files: {}, reads: database, args: ["query", database, sql] })),
    },
    {
      name: "database bytes",
      share: 0.025,
      cases: fc.tuple(brokenBytes(whole), readers).map(([bytes, [verb = "", ...rest]]) => ({
        writes: ["tables", "r.html"],
        files: { "a.duckdb": bytes },
        args: [verb, "a.duckdb", ...rest],
      })),
    },
    {
      name: "log bytes",
      share: 0.01,
      cases: fc.tuple(brokenBytes(killed.log), readers).map(([bytes, [verb = "", ...rest]]) => ({
        writes: ["tables", "r.html"],
        files: { "a.duckdb": killed.database, "a.duckdb.wal": bytes },
        args: [verb, "a.duckdb", ...rest],
      })),
    },
    {
      name: "runs of changed studies",
      share: 0.005,
      cases: scaledNumbers(parse(readFileSync(study, "utf8"))).map((changed) => ({
        files: { "s.yaml": stringify(changed) },
        args: [
          "run",
          "s.yaml",
          "--out",
          "new.duckdb",
          "--threads",
          "1",
          "--time-limit",
          "2",
          "--set",
          "design={sampleSizes: [25], replicates: 1}",
          "--set",
          "fit.atoms=2",
        ],
        runs: true,
        writes: ["new.duckdb"],
      })),
    },
  ];
}

/** Verbs, flags and junk. Verbs that write or run for long only with arguments that stop them. */
function commandLines() {
  const names = verbs.map(({ name }) => name).filter((name) => !["init", "doctor"].includes(name));
  const flags = verbs.flatMap(({ options }) => options.map(({ flag }) => `--${flag}`));
  const word = fc.oneof(
    fc.constantFrom(
      ...names,
      ...flags,
      "-h",
      "--",
      "-",
      "--json=1",
      "nowhere.yaml",
      "s.yaml.bak",
      ".",
      "..",
      "/",
      "1e9",
      "-1",
      "0",
      "NaN",
      "ffn:tanh",
      "{family: ffn}",
      "x1,x2",
    ),
    snippets,
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  return fc
    .tuple(fc.oneof(fc.constantFrom(...names), word), fc.array(word, { maxLength: 6 }))
    .map(([first, rest]) => ({ files: {}, args: [first, ...rest] }));
}

/** A database and its write-ahead log, as a run leaves them that is killed after some commits. @param {string} folder */
async function killedDatabase(folder) {
  const study = writeSmallStudy(folder, { name: "killed", replicates: 100_000 });
  const file = join(folder, "killed.duckdb");
  const running = startCommand(["run", study, "--out", file, "--threads", "1"], { cwd: folder });
  const size = () => statSync(`${file}.wal`, { throwIfNoEntry: false })?.size ?? 0;
  await until(() => running.over() || size() > 60_000);
  if (running.over()) throw new Error(`the run ended before it was killed: ${(await running.ended).err}`);
  running.signal("SIGKILL");
  await running.ended;
  return { database: readFileSync(file), log: readFileSync(`${file}.wal`) };
}

/** @param {string} folder */
async function parquetBytes(folder) {
  const { connection, close } = await openMemoryDatabase();
  const file = join(folder, "whole.parquet");
  await connection.run(
    `COPY (SELECT sin(i) AS x1, i / 7 AS x2, 'text ' || i AS z FROM range(200) t(i)) TO '${file}' (FORMAT parquet)`,
  );
  close();
  return readFileSync(file);
}

/** Writes the files of a case. @param {string} folder @param {Case} one */
export function writeCase(folder, one) {
  for (const [name, content] of Object.entries(one.files)) writeFileSync(join(folder, name), content);
}
