import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "bullmq";
import type { Redis } from "ioredis";
import { prepareEngines } from "../engines.ts";
import { messageOf } from "../input-error.ts";
import { failedRow } from "../pool/failed-row.ts";
import { lossCause, openPool } from "../pool/replicate-pool.ts";
import type { Batch, Pool } from "../pool/replicate-pool.ts";
import { batchOf } from "../pool/study-work.ts";
import type { StudyResult, StudyTask } from "../pool/worker-protocol.ts";
import { plural } from "../progress/format.ts";
import { printable } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { lockMs, mostStalls, pack, runKey, runsKey, stalledMs, unpack, whyNot } from "./queue-run.ts";
import type { PublishedRun, QueueAnswer } from "./queue-run.ts";
import type { QueueServer } from "./queue-server.ts";

/** How a worker works. */
export interface WorkerPlan {
  readonly server: QueueServer;
  readonly redis: Redis;
  readonly threads: number;
  readonly isolation: "thread" | "process";
  /** Built worker module, for the kind of isolation. */
  readonly workerFile: URL;
}

/** What a worker did until it left. */
export interface WorkerSummary {
  readonly worker: string;
  readonly runs: number;
  readonly replicates: number;
}

/** Between two looks for runs, and at whether a run is over, in milliseconds. */
const lookMs = 500;

/** Works for the runs on a server, one run at a time, until the signal: batches under way are finished first. The fits have threads of their own, so
 *  that locks are renewed in time. A run this machine cannot do to the bit is left to others, with a message. */
export async function serveQueue(terminal: Terminal, plan: WorkerPlan): Promise<WorkerSummary> {
  const { signal } = terminal;
  const worker = `${hostname()}-${process.pid}`;
  const refused = new Set<string>();
  let [runs, replicates] = [0, 0];
  const say = (text: string): void => void terminal.stderr.write(`${printable(text)}\n`);
  say(`worker ${worker} waits for runs on ${plan.server.shown}`);
  while (!signal.aborted) {
    const next = await untilAborted(nextRun(plan.redis, refused), signal);
    if (next === null) {
      await pause(lookMs, undefined, { signal }).catch(() => undefined);
      continue;
    }
    const { name, run } = next;
    const reason = whyNot(run);
    if (reason !== null) {
      refused.add(name);
      say(`run ${run.setup.study.name} is left to others: ${reason}`);
      continue;
    }
    say(`run ${run.setup.study.name}: works on ${plural(plan.threads, "thread")}`);
    const done = await workOn(plan, worker, next, signal).catch((error: unknown) => {
      refused.add(name);
      say(`run ${run.setup.study.name} is left to others: ${messageOf(error)}`);
      return 0;
    });
    runs += 1;
    replicates += done;
    say(`run ${run.setup.study.name}: ${plural(done, "replicate")}`);
  }
  return { worker, runs, replicates };
}

interface NamedRun {
  readonly name: string;
  readonly run: PublishedRun;
}

async function nextRun(redis: Redis, refused: ReadonlySet<string>): Promise<NamedRun | null> {
  for (const name of await redis.smembers(runsKey)) {
    if (refused.has(name)) continue;
    const text = await redis.get(runKey(name));
    if (text !== null) return { name, run: unpack(text) as PublishedRun };
    await redis.srem(runsKey, name);
  }
  return null;
}

/** Takes batches of a run until it is over or the signal comes; returns the number of replicates. */
async function workOn(
  { server, redis, threads, isolation, workerFile }: WorkerPlan,
  worker: string,
  { name, run }: NamedRun,
  signal: AbortSignal,
): Promise<number> {
  const { timeLimit, setup } = run;
  if (isolation === "thread") prepareEngines(setup.designs.map(({ identity }) => String(identity["engine"])));
  const quit = new AbortController();
  const pools = Array.from({ length: threads }, () =>
    openPool<StudyTask, StudyResult>({
      workerFile,
      threads: 1,
      isolation,
      timeLimit,
      setup,
      signal: quit.signal,
    }),
  );
  const idle = [...pools];
  let replicates = 0;
  const work = async (text: string): Promise<string> => {
    const pool = idle.pop();
    if (pool === undefined) throw new Error("more batches than threads");
    try {
      const result = await workBatch(pool, batchOf(unpack(text) as StudyTask));
      replicates += result.rows.length;
      return pack({ worker, result } satisfies QueueAnswer);
    } finally {
      idle.push(pool);
    }
  };
  try {
    await Promise.all(pools.map((pool) => pool.run({ kind: "hello" })));
    const consumer = new Worker<string, string>(name, ({ data }) => work(data), {
      connection: server.options,
      concurrency: threads,
      lockDuration: lockMs,
      stalledInterval: stalledMs,
      maxStalledCount: mostStalls,
    });
    // A server that is away comes back; a lock lost to a stand-still means that another worker has the batch, and one of the answers is dropped.
    consumer.on("error", () => undefined);
    while (!signal.aborted && (await untilAborted(redis.exists(runKey(name)), signal)) === 1)
      await pause(lookMs, undefined, { signal }).catch(() => undefined);
    await consumer.close();
  } finally {
    quit.abort();
    await Promise.all(pools.map((pool) => pool.close()));
  }
  return replicates;
}

/** The rows of a batch in the order asked. A replicate that breaks its thread twice, or takes too long, is a failed row; losses that cannot be
 *  computed fail the batch. */
async function workBatch(pool: Pool<StudyTask, StudyResult>, batch: Batch<StudyTask>): Promise<StudyResult> {
  const parts: StudyResult[] = [];
  await pool.runAll(
    [batch],
    (result) => parts.push(result),
    (task, error) => {
      if (task.kind !== "replicates") throw error;
      const rows = task.replicates.map((one) => failedRow(task.designPoint, one, lossCause(error), 0, 0));
      parts.push({ rows, added: [] });
    },
  );
  return { rows: parts.flatMap(({ rows }) => rows), added: parts.flatMap(({ added }) => added) };
}

/** The value, or null when the signal comes first: a server that is away may never answer. */
function untilAborted<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null);
    signal.addEventListener("abort", stop, { once: true });
    value.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
