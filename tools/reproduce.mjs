#!/usr/bin/env node
/** Runs every study of a theorem or published figure within a time budget and writes docs/reproduction.md: one row per claim.
 *    node tools/reproduce.mjs [--minutes 60] [--threads N] [--out reproduction] [--only NAME,...] [--page-only]
 *  Replicates are added in rounds over all studies, so that a short budget gives every study a few; started again, it goes on where it
 *  stopped. Noise-free exponents are computed once per study and kept beside its database. */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { claimsOf } from "./reproduce/claims.mjs";
import { reproductionPage } from "./reproduce/page.mjs";
import { cachedProfile, runStudy } from "./reproduce/run-study.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    threads: { type: "string", default: String(availableParallelism()) },
    out: { type: "string", default: "reproduction" },
    only: { type: "string", default: "" },
    "page-only": { type: "boolean", default: false },
  },
});

const ROUNDS = [4, 8, 12, 20, 30, 40];
const studies = fileURLToPath(new URL("../apps/orchestrator/studies", import.meta.url));
const page = fileURLToPath(new URL("../docs/reproduction.md", import.meta.url));
const only = values.only === "" ? null : values.only.split(",");
const names = readdirSync(studies)
  .filter((file) => /^(theorem|sigmoid-[12]|sigmoid-against|top-k).*\.yaml$/.test(file))
  .map((file) => file.replace(/\.yaml$/, ""))
  .filter((name) => !only || only.includes(name))
  .toSorted((a, b) => Number(b.startsWith("theorem")) - Number(a.startsWith("theorem")));
mkdirSync(values.out, { recursive: true });

const started = Date.now();
const deadline = started + Number(values.minutes) * 60_000;
const study = (/** @type {string} */ name) => `${studies}/${name}.yaml`;
const database = (/** @type {string} */ name) => `${values.out}/${name}.duckdb`;

if (!values["page-only"]) {
  for (const replicates of ROUNDS) {
    for (const [index, name] of names.entries()) {
      const left = deadline - Date.now();
      if (left < 10_000) break;
      const share = left / (names.length - index);
      process.stderr.write(`${name}: ${replicates} replicates\n`);
      await runStudy({
        study: study(name),
        database: database(name),
        replicates,
        threads: Number(values.threads),
        milliseconds: Math.max(20_000, 2 * share),
      });
    }
  }
}

const rows = names.flatMap((name) =>
  claimsOf(name, database(name), cachedProfile(study(name), `${values.out}/${name}.profile.json`)),
);
writeFileSync(page, reproductionPage(rows, { command: `npm run reproduce -- --minutes ${values.minutes}` }));
process.stderr.write(`${rows.length} claims in ${page}\n`);
