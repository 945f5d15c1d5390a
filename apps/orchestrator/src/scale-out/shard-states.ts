import { existsSync } from "node:fs";
import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { openResults } from "../open-results.ts";
import { readManifest } from "../shard/shard-manifest.ts";
import { FileLocked, openMemoryDatabase } from "../store/duckdb-instance.ts";
import type { Terminal } from "../terminal.ts";
import { readTasks } from "./slurm-commands.ts";
import type { SlurmTask } from "./slurm-commands.ts";
import type { Submission } from "./submission.ts";

/** How far a shard is. */
export interface ShardState {
  readonly shard: number;
  /** Complete: its file is there. Running: a process writes its working database. Stopped: begun, and nobody works on it. */
  readonly state: "complete" | "running" | "stopped" | "not begun";
  /** Replicates done; null when a process of another machine holds them. */
  readonly done: number | null;
  /** Process on this machine that works on it. */
  readonly pid: number | null;
  /** The latest task of it, such as 12_3, and Slurm's word for its state; null when Slurm knows none. */
  readonly task: string | null;
  readonly taskState: string | null;
}

/** A submission with the state of every shard. */
export interface ArrayStatus {
  readonly study: string;
  readonly planned: number;
  readonly done: number;
  readonly shards: readonly ShardState[];
}

/** Slurm's words for a task that will work or works. */
const alive =
  /^(PENDING|RUNNING|CONFIGURING|COMPLETING|REQUEUED|REQUEUE_HOLD|REQUEUE_FED|SUSPENDED|RESIZING|SIGNALING|STAGE_OUT|STOPPED)$/;

/** Where shard `index` of the submission in `folder` is, or will be. */
export function shardFile(folder: string, index: number): string {
  return join(folder, "shards", `${index}.parquet`);
}

/** Shards with a task that waits or runs, and its job; none when Slurm cannot be asked. */
export function shardsInHand(submission: Submission): Map<number, string> {
  const tasks = [...latestTasks(submission)].filter(([, { state }]) => alive.test(state));
  return new Map(tasks.map(([shard, { job }]) => [shard, job]));
}

function latestTasks({ arrays }: Submission): Map<number, SlurmTask> {
  const known = readTasks(arrays.map(({ job }) => job)) ?? [];
  const latest = new Map<number, SlurmTask>();
  for (const { job, indices } of arrays)
    for (const task of known.filter((one) => one.job === job)) {
      const shard = indices[task.task - 1];
      if (shard !== undefined) latest.set(shard, task);
    }
  return latest;
}

/** Reads the state of every shard of the submission in `folder`, from the files and, where it can be asked, from Slurm. */
export async function readArrayStatus(
  terminal: Terminal,
  folder: string,
  submission: Submission,
): Promise<ArrayStatus> {
  const tasks = latestTasks(submission);
  const shards: ShardState[] = [];
  const memory = await openMemoryDatabase();
  try {
    for (let shard = 1; shard <= submission.shards; shard++) {
      const task = tasks.get(shard);
      shards.push({
        shard,
        ...(await readShardState(terminal, memory.connection, shardFile(folder, shard))),
        task: task === undefined ? null : `${task.job}_${task.task}`,
        taskState: task?.state ?? null,
      });
    }
  } finally {
    memory.close();
  }
  const done = shards.reduce((sum, one) => sum + (one.done ?? 0), 0);
  return { study: submission.study, planned: submission.planned, done, shards };
}

type FileState = Pick<ShardState, "state" | "done" | "pid">;

async function readShardState(
  terminal: Terminal,
  connection: DuckDBConnection,
  file: string,
): Promise<FileState> {
  const complete = async (): Promise<FileState> => ({
    state: "complete",
    done: (await readManifest(connection, file)).rows,
    pid: null,
  });
  if (existsSync(file)) return complete();
  const database = `${file}.duckdb`;
  if (!existsSync(database)) return { state: "not begun", done: 0, pid: null };
  try {
    const results = await openResults(database, terminal, 0);
    try {
      const { done, running } = await results.status();
      return { state: running === null ? "stopped" : "running", done, pid: running?.pid ?? null };
    } finally {
      results.close();
    }
  } catch (error) {
    if (existsSync(file)) return complete();
    // A process that does not answer here: one of another machine, or one that starts or ends this moment.
    if (error instanceof Error && error.cause instanceof FileLocked)
      return { state: "running", done: null, pid: null };
    throw error;
  }
}
