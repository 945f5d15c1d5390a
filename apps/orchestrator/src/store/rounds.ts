import type { DuckDBConnection } from "@duckdb/node-api";
import type { LossColumns } from "@moe-rates/rates";
import { select } from "./select.ts";

/** Replicates of a design point after a round. */
export interface RoundEntry {
  readonly designPoint: string;
  readonly replicates: number;
}

/** A stored entry and the number of its round, from 1. */
export interface StoredRoundEntry extends RoundEntry {
  readonly round: number;
}

/** All stored rounds, in their order. */
export function readRounds(connection: DuckDBConnection): Promise<StoredRoundEntry[]> {
  return select(
    connection,
    'SELECT round, design_point AS "designPoint", replicates FROM rounds ORDER BY round, design_point',
  );
}

/** Replicates that rounds ask for at each design point: those of its latest round. */
export function plannedBy(rounds: readonly StoredRoundEntry[]): Map<string, number> {
  return new Map(
    rounds
      .toSorted((a, b) => a.round - b.round)
      .map(({ designPoint, replicates }) => [designPoint, replicates]),
  );
}

/** The number of a round that both have and that asks one for other replicates than the other; null when none does. */
export function contradictingRound(
  one: readonly StoredRoundEntry[],
  other: readonly StoredRoundEntry[],
): number | null {
  const text = ({ round, designPoint, replicates }: StoredRoundEntry) =>
    `${round} ${designPoint} ${replicates}`;
  const differing = (rounds: readonly StoredRoundEntry[], from: readonly StoredRoundEntry[]) => {
    const [known, texts] = [new Set(from.map(({ round }) => round)), new Set(from.map(text))];
    return rounds.find((entry) => known.has(entry.round) && !texts.has(text(entry)));
  };
  return (differing(one, other) ?? differing(other, one))?.round ?? null;
}

/** Stores rounds that were decided elsewhere; those that are there stay. */
export async function enterRounds(
  connection: DuckDBConnection,
  rounds: readonly StoredRoundEntry[],
): Promise<void> {
  for (const { round, designPoint, replicates } of rounds)
    await connection.run("INSERT INTO rounds VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", [
      round,
      designPoint,
      replicates,
    ]);
}

/** Stores the decisions of one barrier, and what the points are planned to hold, in one transaction. */
export async function storeRound(
  connection: DuckDBConnection,
  entries: readonly RoundEntry[],
): Promise<void> {
  await connection.run("BEGIN");
  try {
    const [last] = await select<{ round: number | null }>(
      connection,
      "SELECT max(round) AS round FROM rounds",
    );
    const round = (last?.round ?? 0) + 1;
    for (const { designPoint, replicates } of entries) {
      await connection.run("INSERT INTO rounds VALUES ($1, $2, $3)", [round, designPoint, replicates]);
      await connection.run(
        "UPDATE design_points SET planned = greatest(planned, $2) WHERE design_point = $1",
        [designPoint, replicates],
      );
    }
    await connection.run("COMMIT");
  } catch (error) {
    await connection.run("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** One series of a design with every replicate below `counts` of its point, and the mean number of evaluations at each point: all from rows, nothing from clocks. */
export async function readTargetRows(
  connection: DuckDBConnection,
  target: { readonly loss: string; readonly component: string },
  points: readonly { readonly id: string; readonly design: string; readonly n: number; readonly k: number }[],
  counts: readonly number[],
): Promise<{ columns: LossColumns; evaluations: (number | null)[] }> {
  const evaluations: (number | null)[] = [];
  const columns: LossColumns["points"][number][] = [];
  for (const [p, point] of points.entries()) {
    const rows = await select<{
      replicate: number;
      value: number | null;
      certified: boolean;
      evaluations: number | null;
    }>(
      connection,
      `SELECT r.replicate, l.value, r.certified, r.evaluations FROM replicates r
       LEFT JOIN losses l ON l.design_point = r.design_point AND l.replicate = r.replicate AND l.loss = $2 AND l.component = $3
       WHERE r.design_point = $1 AND r.replicate < $4 ORDER BY r.replicate`,
      [point.id, target.loss, target.component, counts[p] ?? 0],
    );
    const known = rows.map((row) => row.evaluations).filter((one) => one !== null);
    evaluations.push(known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length);
    columns.push({
      n: point.n,
      replicates: rows.map((row) => row.replicate),
      values: rows.map((row) => row.value),
      certified: rows.map((row) => row.certified),
    });
  }
  const first = points[0];
  return {
    columns: {
      design: first?.design ?? "",
      k: first?.k ?? 0,
      loss: target.loss,
      component: target.component,
      points: columns,
    },
    evaluations,
  };
}
