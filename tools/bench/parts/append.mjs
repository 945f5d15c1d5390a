/** What storing a replicate costs the main thread: data chunks appended in one transaction per batch, against one INSERT per row. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openForWriting } from "../../../apps/orchestrator/dist/store/store-file.js";
import { writeRows } from "../../../apps/orchestrator/dist/store/write-rows.js";
import { kernelHash } from "../../../packages/kernels/dist/index.js";
import { shippedFamilies as families } from "../../../packages/mixture/dist/index.js";
import { designPointsOf, designsOf, parseStudy, runReplicate } from "../../../packages/study/dist/index.js";
import { cpuSeconds, digits, median, medianAndRange } from "../statistics.mjs";

/** @typedef {import("../../../packages/study/dist/index.js").ReplicateRow} ReplicateRow */

const fileName = "quickstart.yaml";

/** A real row, of the over-specified fit with most to store. @returns {ReplicateRow} */
function realRow() {
  const file = fileURLToPath(new URL(`../../../apps/orchestrator/studies/${fileName}`, import.meta.url));
  const parsed = parseStudy(readFileSync(file, "utf8"), { fileName, families });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  const { study } = parsed;
  const design = designsOf(study, { engine: "fused-js", kernelHash: kernelHash("reference") }).at(-1);
  if (!design) throw new Error(`${fileName} has no fit`);
  return runReplicate({ study, design, designPoint: designPointsOf([design], [500])[0], replicate: 0 });
}

/** @type {import("../parts.mjs").RunPart} */
export async function run(report, { quick, rounds: asked }) {
  const rounds = asked ?? (quick ? 2 : 9);
  const row = realRow();
  const long = row.losses.length + row.atoms.length;
  const table = report.table(
    `Storing replicates of \`quickstart\`, k = 3: one row of \`replicates\` and ${long} rows of \`losses\` and \`atoms\` each, a transaction per batch; CPU time of the whole process (the database's own threads too), medians of ${rounds} batches.`,
    [
      "way",
      "replicates per batch",
      "CPU microseconds per replicate (range)",
      "per row of any table",
      "bytes per replicate",
    ],
  );
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-append-"));
  try {
    for (const batch of quick ? [10] : [1, 10, 100, 1000]) {
      const { micros, bytes } = await storeBatches(join(folder, `${batch}.duckdb`), row, batch, rounds);
      table.row(
        "data chunks",
        batch,
        medianAndRange(micros),
        digits(median(micros) / (1 + long)),
        batch >= 100 ? digits(bytes) : "",
      );
    }
    const single = await insertRows(join(folder, "insert.duckdb"), row, quick ? 20 : 1000, rounds);
    table.row("prepared INSERTs of `losses`, a row each", "", "", digits(single), "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Microseconds per replicate of every batch, and bytes per replicate of the finished file. @param {string} file @param {ReplicateRow} row @param {number} batch @param {number} rounds */
async function storeBatches(file, row, batch, rounds) {
  const database = await openForWriting(file);
  const micros = [];
  let replicate = 0;
  for (let round = -1; round < rounds; round++) {
    const rows = Array.from({ length: batch }, () => ({ ...row, replicate: replicate++ }));
    const begun = cpuSeconds();
    await writeRows(database.connection, 1, rows, []);
    if (round >= 0) micros.push((1e6 * (cpuSeconds() - begun)) / batch);
  }
  await database.connection.run("CHECKPOINT");
  database.close();
  return { micros, bytes: statSync(file).size / replicate };
}

/** Median microseconds per row of prepared INSERTs, all in one transaction. @param {string} file @param {ReplicateRow} row @param {number} count @param {number} rounds */
async function insertRows(file, row, count, rounds) {
  const { connection, close } = await openForWriting(file);
  const statement = await connection.prepare("INSERT INTO losses VALUES ($1, $2, $3, $4, $5)");
  const micros = [];
  for (let round = 0; round < rounds; round++) {
    const begun = cpuSeconds();
    await connection.run("BEGIN");
    for (let i = 0; i < count; i++) {
      statement.bindVarchar(1, row.designPoint);
      statement.bindInteger(2, i);
      statement.bindVarchar(3, row.losses[0].loss);
      statement.bindVarchar(4, row.losses[0].component);
      statement.bindDouble(5, row.losses[0].value);
      await statement.run();
    }
    await connection.run("COMMIT");
    micros.push((1e6 * (cpuSeconds() - begun)) / count);
  }
  close();
  return median(micros);
}
