import { namingDamage } from "../store/check-store.ts";
import { FileLocked } from "../store/duckdb-instance.ts";
import type { OpenDatabase } from "../store/duckdb-instance.ts";
import { openForReading } from "../store/store-file.ts";

/** Does work on a file whose replicates are computed again, and closes it. Throws an error naming the process while a run holds it, InputError when it is
 *  not ours or damaged. */
export async function withStored<Value>(
  file: string,
  work: (database: OpenDatabase) => Promise<Value>,
): Promise<Value> {
  const database = await openForReading(file).catch((error: unknown) => {
    throw error instanceof FileLocked
      ? new Error(`${file} is in use by ${error.holder}; compute again when its run has ended`, {
          cause: error,
        })
      : error;
  });
  return namingDamage(file, () => work(database)).finally(() => database.close());
}
