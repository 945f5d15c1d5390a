import type { DuckDBConnection } from "@duckdb/node-api";
import { select } from "./select.ts";

/** State of one design point. */
export interface PointStatus {
  readonly design: string;
  readonly fit: string;
  readonly k: number;
  readonly n: number;
  readonly planned: number;
  readonly done: number;
  readonly certified: number;
  readonly failed: number;
  readonly audited: number;
  readonly beaten: number;
  /** Mean wall time of a replicate; null before the first. */
  readonly wallMs: number | null;
}

/** State of one run of the file. */
export interface RunStatus {
  readonly run: number;
  readonly started: string;
  readonly finished: string | null;
  readonly outcome: string;
  readonly version: string;
  readonly engine: string;
  readonly threads: number;
}

/** Progress of the process that writes the file. */
export interface RunningStatus {
  readonly pid: number;
  readonly share: number;
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly elapsedMs: number;
  readonly perSecond: number;
  readonly remainingMs: number | null;
}

/** What `status` tells of a file. */
export interface StudyStatus {
  readonly study: string;
  readonly planned: number;
  readonly done: number;
  readonly certified: number;
  readonly failed: number;
  readonly points: readonly PointStatus[];
  readonly runs: readonly RunStatus[];
  readonly running: RunningStatus | null;
}

/** Reads the status of an open study database. */
export async function readStatus(
  connection: DuckDBConnection,
  running: RunningStatus | null,
): Promise<StudyStatus> {
  const points = await select<PointStatus>(
    connection,
    `SELECT d.design, d.fit, d.k, p.n, p.planned, count(r.replicate) AS done, count(r.replicate) FILTER (r.certified) AS certified,
       count(f.replicate) AS failed, count(r.replicate) FILTER (r.audited) AS audited, count(r.replicate) FILTER (r.beaten) AS beaten,
       avg(r.wall_ms) AS "wallMs"
     FROM design_points p JOIN designs d USING (design) LEFT JOIN replicates r USING (design_point) LEFT JOIN failures f USING (design_point, replicate)
     GROUP BY ALL ORDER BY d.fit, d.k, p.n, d.design`,
  );
  const runs = await select<RunStatus>(
    connection,
    "SELECT run, started::VARCHAR AS started, finished::VARCHAR AS finished, outcome, version, engine, threads FROM runs ORDER BY run",
  );
  const [study] = await select<{ name: string }>(
    connection,
    "SELECT name FROM studies ORDER BY revision DESC LIMIT 1",
  );
  const sum = (key: "planned" | "done" | "certified" | "failed"): number =>
    points.reduce((total, point) => total + point[key], 0);
  return {
    study: study?.name ?? "",
    planned: sum("planned"),
    done: sum("done"),
    certified: sum("certified"),
    failed: sum("failed"),
    points,
    runs,
    running,
  };
}
