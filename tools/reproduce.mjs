#!/usr/bin/env node
/** Runs every study of a theorem or published figure within a time budget and writes docs/reproduction.md: one row per claim.
 *    node tools/reproduce.mjs [--minutes 60] [--threads N] [--out reproduction] [--only NAME,...] [--exact 120] [--page-only]
 *  First the exactly specified fits that the joint claims are about get their full number of replicates; then all fits get
 *  replicates in rounds over the studies, cheap studies first, so that a short budget gives every study a few. Started again, it goes on where it
 *  stopped. Noise-free exponents are computed once per study and kept beside its database. */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { claimsOf, intervalsAt } from "./reproduce/claims.mjs";
import { bonferroniLevel, claimed, jointClaims } from "./reproduce/joint.mjs";
import { effortText, reproductionPage } from "./reproduce/page.mjs";
import { cachedProfile, costOf, runStudy } from "./reproduce/run-study.mjs";
import { EXACT_REPLICATES, ROUNDS, designsOf, exactOnly, timeShare } from "./reproduce/schedule.mjs";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    threads: { type: "string", default: String(availableParallelism()) },
    out: { type: "string", default: "reproduction" },
    only: { type: "string", default: "" },
    exact: { type: "string", default: String(EXACT_REPLICATES) },
    "page-only": { type: "boolean", default: false },
  },
});

const studies = fileURLToPath(new URL("../apps/orchestrator/studies", import.meta.url));
const docs = fileURLToPath(new URL("../docs", import.meta.url));
const only = values.only === "" ? null : values.only.split(",");
const names = readdirSync(studies)
  .filter((file) => /^(theorem|sigmoid-[12]|top-k).*\.yaml$/.test(file))
  .map((file) => file.replace(/\.yaml$/, ""))
  .filter((name) => !only || only.includes(name))
  .toSorted((a, b) => Number(b.startsWith("theorem")) - Number(a.startsWith("theorem")));
mkdirSync(values.out, { recursive: true });

const deadline = Date.now() + Number(values.minutes) * 60_000;
const study = (/** @type {string} */ name) => `${studies}/${name}.yaml`;
const database = (/** @type {string} */ name) => `${values.out}/${name}.duckdb`;
const effortFile = `${values.out}/effort.json`;
/** Minutes by number of threads. @type {Record<string, number>} */
const effort = existsSync(effortFile) ? JSON.parse(readFileSync(effortFile, "utf8")) : {};

if (!values["page-only"]) {
  for (const name of names.filter(claimed))
    await step(name, Number(values.exact), deadline - Date.now(), exactOnly(designsOf(study(name))));
  for (const replicates of ROUNDS) {
    const cost = new Map(names.map((name) => [name, costOf(database(name)).perReplicate]));
    for (const name of names.toSorted((a, b) => (cost.get(a) ?? 0) - (cost.get(b) ?? 0)))
      await step(name, replicates, timeShare(deadline - Date.now(), names.length));
  }
}

/** @param {string} name @param {number} replicates @param {number} milliseconds @param {readonly string[]} [settings] */
async function step(name, replicates, milliseconds, settings = []) {
  const began = Date.now();
  if (deadline - began < 10_000) return;
  process.stderr.write(
    `${name}: ${replicates} replicates${settings.length > 0 ? ", exactly specified" : ""}\n`,
  );
  await runStudy({
    study: study(name),
    database: database(name),
    replicates,
    threads: Number(values.threads),
    milliseconds: Math.min(milliseconds, deadline - began),
    settings,
  });
  effort[values.threads] = (effort[values.threads] ?? 0) + (Date.now() - began) / 60_000;
  writeFileSync(effortFile, JSON.stringify(effort));
}

const rows = names.flatMap((name) =>
  claimsOf(name, database(name), cachedProfile(study(name), `${values.out}/${name}.profile.json`)),
);
const joint = jointClaims(rows);
const seconds = names.reduce((sum, name) => sum + costOf(database(name)).seconds, 0);
writeFileSync(
  `${docs}/reproduction.md`,
  reproductionPage(rows, {
    command: `npm run reproduce -- --minutes ${values.minutes}`,
    effort: ` (${effortText(effort)}; ${Math.round(seconds)} s of processor time in fits)`,
    joint: intervalsAt(joint, database, bonferroniLevel(joint.length)),
    pictured: (name) => existsSync(`${docs}/figures/studies/${name}.png`),
  }),
);
process.stderr.write(`${rows.length} claims in ${docs}/reproduction.md\n`);
