import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryName } from "../atomic-file.ts";
import { InputError } from "../input-error.ts";

/** What `submit slurm` has handed over so far, beside its scripts. */
export interface Submission {
  readonly writtenBy: "moe-rates submit";
  readonly study: string;
  readonly shards: number;
  /** Replicates of the study. */
  readonly planned: number;
  /** Array jobs, oldest first, with the shard of each task. */
  readonly arrays: readonly { readonly job: string; readonly indices: readonly number[] }[];
}

const recordName = "submission.json";

/** The record in a folder; null when there is none. Throws InputError when the file is something else. */
export function readSubmission(folder: string): Submission | null {
  const file = join(folder, recordName);
  if (!existsSync(file)) return null;
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as Submission;
    if (record.writtenBy === "moe-rates submit") return record;
  } catch {
    // said below
  }
  throw new InputError(`${file} was not written by moe-rates submit; move it away`);
}

/** Writes the record in one step. */
export function writeSubmission(folder: string, record: Submission): void {
  const file = join(folder, recordName);
  writeFileSync(temporaryName(file), `${JSON.stringify(record, null, 2)}\n`);
  renameSync(temporaryName(file), file);
}
