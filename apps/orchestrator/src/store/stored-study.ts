import type { DuckDBConnection } from "@duckdb/node-api";
import { canonicalJson, trueAtoms } from "@moe-rates/study";
import type { Design, DesignPoint, ResolvedStudy, StoredDesign } from "@moe-rates/study";
import type { Engine } from "../engines.ts";
import type { Provenance } from "../provenance.ts";
import { storeFormat } from "./schema.ts";
import { createReplicateKeys } from "./replicate-keys.ts";
import type { ReplicateKeys } from "./replicate-keys.ts";
import { select } from "./select.ts";

/** Designs of the file with their identities. */
export async function readStoredDesigns(connection: DuckDBConnection): Promise<StoredDesign[]> {
  const rows = await select<{ id: string; fit: string; k: number; identity: string }>(
    connection,
    "SELECT design AS id, fit, k, identity FROM designs ORDER BY rowid",
  );
  return rows.map((row) => ({ ...row, identity: JSON.parse(row.identity) as StoredDesign["identity"] }));
}

/** Keys of all replicates in the file; the rows are streamed. */
export async function readStoredKeys(connection: DuckDBConnection): Promise<ReplicateKeys> {
  const keys = createReplicateKeys();
  const rows = await connection.stream("SELECT design_point, replicate FROM replicates");
  for await (const piece of rows.yieldRowsJs())
    for (const [point, replicate] of piece) keys.add(String(point), Number(replicate));
  return keys;
}

export interface RunRecord {
  readonly study: ResolvedStudy;
  readonly designs: readonly Design[];
  readonly points: readonly DesignPoint[];
  readonly engine: Engine;
  readonly threads: number;
  /** Replicates planned at points that rounds have added to. */
  readonly planned?: ReadonlyMap<string, number>;
  readonly plugins: readonly string[];
  readonly provenance: Provenance;
}

/** Enters a run, and whatever of its study the file does not hold yet, in one transaction. Returns the number of the run. */
export async function enterRun(connection: DuckDBConnection, record: RunRecord): Promise<number> {
  await connection.run("BEGIN");
  try {
    await connection.run("UPDATE runs SET outcome = 'killed' WHERE outcome = 'running'");
    const revision = await enterStudy(connection, record.study);
    for (const design of record.designs) await enterDesign(connection, record.study, design);
    for (const point of record.points)
      await enterPoint(connection, point, record.planned?.get(point.id) ?? record.study.replicates);
    const [last] = await select<{ run: number | null }>(connection, "SELECT max(run) AS run FROM runs");
    const run = (last?.run ?? 0) + 1;
    const { provenance: p, engine } = record;
    await connection.run(
      `INSERT INTO runs VALUES ($1, $2, now()::TIMESTAMP, NULL, 'running', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, NULL, $14, $15)`,
      [
        run,
        revision,
        p.version,
        p.commit,
        p.node,
        p.duckdb,
        p.platform,
        p.cpu,
        p.cores,
        engine.name,
        engine.kernelHash,
        record.plugins.join(", "),
        record.threads,
        JSON.stringify(p.packages),
        p.lockfileHash,
      ],
    );
    await connection.run("COMMIT");
    return run;
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** Closes the record of a run: `complete`, `interrupted` or `failed`, and the CPU time of the main thread. */
export async function leaveRun(
  connection: DuckDBConnection,
  run: number,
  outcome: string,
  mainCpuMs: number,
): Promise<void> {
  await connection.run(
    "UPDATE runs SET finished = now()::TIMESTAMP, outcome = $2, main_cpu_ms = $3 WHERE run = $1",
    [run, outcome, mainCpuMs],
  );
}

async function enterStudy(connection: DuckDBConnection, study: ResolvedStudy): Promise<number> {
  const definition = canonicalJson(study);
  const [last] = await select<{ revision: number; definition: string }>(
    connection,
    "SELECT revision, definition FROM studies ORDER BY revision DESC LIMIT 1",
  );
  if (last?.definition === definition) return last.revision;
  const revision = (last?.revision ?? 0) + 1;
  await connection.run("INSERT INTO studies VALUES ($1, $2, $3, $4, now()::TIMESTAMP)", [
    revision,
    study.name,
    storeFormat,
    definition,
  ]);
  return revision;
}

async function enterDesign(
  connection: DuckDBConnection,
  study: ResolvedStudy,
  design: Design,
): Promise<void> {
  const { fit, id, k, identity } = design;
  await connection.run("INSERT INTO designs VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING", [
    id,
    fit.name,
    k,
    trueAtoms(study),
    canonicalJson(fit.gating),
    canonicalJson(fit.expert),
    canonicalJson(identity),
  ]);
}

/** Plans what the study asks for now, but never less than the file holds. */
async function enterPoint(
  connection: DuckDBConnection,
  point: DesignPoint,
  replicates: number,
): Promise<void> {
  await connection.run("INSERT INTO design_points VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING", [
    point.id,
    point.design,
    point.n,
    point.k,
    replicates,
  ]);
  await connection.run(
    `UPDATE design_points SET planned = greatest($2, (SELECT count(*) FROM replicates WHERE design_point = $1))
     WHERE design_point = $1 AND planned <> greatest($2, (SELECT count(*) FROM replicates WHERE design_point = $1))`,
    [point.id, replicates],
  );
}
