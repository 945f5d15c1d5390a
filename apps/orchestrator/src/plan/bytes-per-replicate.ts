import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ReplicateRow } from "@moe-rates/study";
import { openForWriting } from "../store/store-file.ts";
import { writeRows } from "../store/write-rows.ts";

const copies = 1500;

/** Bytes a replicate takes in a database file, measured: rows like the pilot's (with other digits, so that they do not compress better than real ones) are written into a database in the
 *  temporary folder, twice as many as before, and the growth of the file is divided by their number. `null` without rows. */
export async function bytesPerReplicate(pilot: readonly ReplicateRow[]): Promise<number | null> {
  if (pilot.length === 0) return null;
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-plan-"));
  const file = join(folder, "size.duckdb");
  try {
    const sizes: number[] = [];
    for (const part of [0, 1]) {
      const database = await openForWriting(file);
      const from = part * copies;
      await writeRows(
        database.connection,
        1,
        Array.from({ length: copies }, (_, i) => variant(pilot[(from + i) % pilot.length], from + i)),
        [],
      );
      await database.connection.run("CHECKPOINT");
      database.close();
      sizes.push(statSync(file).size);
    }
    const [before = 0, after = 0] = sizes;
    return (after - before) / copies;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function variant(row: ReplicateRow, index: number): ReplicateRow {
  const move = (value: number): number => value * (1 + ((index * 0.618034) % 1) * 1e-3);
  return {
    ...row,
    replicate: 1_000_000 + index,
    theta: row.theta.map(move),
    atoms: row.atoms.map((one) => ({ ...one, value: move(one.value) })),
    losses: row.losses.map((one) => ({ ...one, value: move(one.value) })),
  };
}
