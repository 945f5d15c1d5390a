import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../apps/orchestrator/bin/moe-rates.mjs", import.meta.url));

/** Runs or continues a study up to so many replicates; after the given time it is interrupted, which keeps every finished replicate.
 *  @param {{study: string, database: string, replicates: number, threads: number, milliseconds: number, settings?: readonly string[]}} request
 *  `settings` are further `--set` values.
 *  @returns {Promise<void>} rejects when the study cannot run at all */
export function runStudy({ study, database, replicates, threads, milliseconds, settings = [] }) {
  const options = [
    ...[`design.replicates=${replicates}`, ...settings].flatMap((setting) => ["--set", setting]),
    "--threads",
    String(threads),
    "--out",
    database,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, "run", study, ...options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr.on("data", (text) => (errors = (errors + text).slice(-2000)));
    const timer = setTimeout(() => child.kill("SIGINT"), milliseconds);
    child.on("close", (code) => {
      clearTimeout(timer);
      if ([0, 3, 130].includes(code ?? 1)) resolve();
      else reject(new Error(`${study} ended with ${code}: ${errors}`));
    });
  });
}

/** What noise-free exponents depend on, of the text of a study file: its truth, its losses and the box. @param {string} text */
export function profileKey(text) {
  const blocks = text.replaceAll(/^#.*\n/gmu, "").split(/^(?=[a-z])/mu);
  const parts = blocks.filter((block) => /^(truth|losses):/u.test(block));
  return createHash("sha256")
    .update(JSON.stringify([parts, text.match(/\bbox: [\d.e]+/u)]))
    .digest("hex");
}

/** Noise-free exponents of a study, computed once for its truth; null where `profile` cannot say.
 *  @param {string} study @param {string} cache
 *  @returns {{atoms: number, quantities: {quantity: string, verdict: string, exponent: number | null}[]}[] | null} */
export function cachedProfile(study, cache) {
  const text = profileKey(readFileSync(study, "utf8"));
  if (existsSync(cache)) {
    const known = JSON.parse(readFileSync(cache, "utf8"));
    if (known.text === text) return known.profile;
  }
  let profile = null;
  try {
    profile = JSON.parse(cliText(["profile", study, "--json"]));
  } catch {
    process.stderr.write(`no noise-free exponents for ${study}\n`);
  }
  writeFileSync(cache, JSON.stringify({ text, profile }));
  return profile;
}

/** Standard output of the command line. @param {string[]} args */
export function cliText(args) {
  return execFileSync(process.execPath, [cli, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** Seconds of processor time in the fits of a database, and milliseconds per replicate of its over-specified fits.
 *  @param {string} database @returns {{seconds: number, perReplicate: number}} zeros where there is none yet */
export function costOf(database) {
  if (!existsSync(database)) return { seconds: 0, perReplicate: 0 };
  const sql =
    "SELECT coalesce(sum(cpu_ms), 0) / 1000 AS seconds, coalesce(sum(cpu_ms) / max(replicate + 1), 0) AS perReplicate FROM replicates";
  const [row] = JSON.parse(cliText(["query", database, sql, "--json"]));
  return { seconds: Number(row.seconds), perReplicate: Number(row.perReplicate) };
}
