import { Queue, QueueEvents } from "bullmq";
import type { Executor } from "../pool/executor.ts";
import type { StudyResult, StudyTask } from "../pool/worker-protocol.ts";
import { batchName, pack, runKey, runName, runSeconds, runsKey, unpack } from "./queue-run.ts";
import type { PublishedRun, QueueAnswer } from "./queue-run.ts";
import { connect } from "./queue-server.ts";
import type { QueueServer } from "./queue-server.ts";

/** Batches under way: enough for a few hundred worker threads. */
export const batchesUnderWay = 512;
/** Between two looks at batches whose end was not heard, in milliseconds. */
const lookMs = 2000;
/** Events kept on the server: an answer that is not heard is found by looking. */
const eventsKept = 2000;
/** Longest wait for the server at the end, in milliseconds. */
const farewellMs = 5000;

/** No worker could do a batch: each try ended in an error or in the death of its worker. */
export class BatchRefused extends Error {
  override readonly name = "BatchRefused";
}

interface Waiting {
  readonly task: StudyTask;
  readonly since: number;
  resolve(result: StudyResult): void;
  reject(error: unknown): void;
}

/** Runs tasks on the workers of a queue. The server may restart, and forget: batches it no longer knows are put in again. `onAnswer` hears which
 *  worker did how many replicates. */
export function queueExecutor(
  server: QueueServer,
  run: PublishedRun,
  onAnswer: (worker: string, replicates: number) => void,
): Executor<StudyTask, StudyResult> {
  const { options: connection } = server;
  const name = runName(run);
  const redis = connect(server);
  const queue = new Queue<string, string, "batch">(name, {
    connection,
    streams: { events: { maxLen: eventsKept } },
    defaultJobOptions: { attempts: 3, backoff: { type: "exponential", delay: 500 } },
  });
  const events = new QueueEvents(name, { connection });
  const waiting = new Map<string, Waiting>();
  queue.on("error", () => undefined);
  events.on("error", () => undefined);

  const taken = (id: string): Waiting | undefined => {
    const one = waiting.get(id);
    waiting.delete(id);
    if (one !== undefined) void queue.remove(id).catch(() => undefined);
    return one;
  };
  const completed = (id: string, answer: string): void => {
    const one = taken(id);
    if (one === undefined) return;
    const { worker, result } = unpack(answer) as QueueAnswer;
    onAnswer(worker, result.rows.length);
    one.resolve(result);
  };
  const failed = (id: string, cause: string): void => taken(id)?.reject(new BatchRefused(cause));
  events.on("completed", ({ jobId, returnvalue }) => completed(jobId, returnvalue));
  events.on("failed", ({ jobId, failedReason }) => failed(jobId, failedReason));

  const publish = async (): Promise<void> => {
    if ((await redis.expire(runKey(name), runSeconds)) === 0)
      await redis.set(runKey(name), pack(run), "EX", runSeconds);
    await redis.sadd(runsKey, name);
  };
  const put = (id: string, task: StudyTask): Promise<unknown> =>
    queue.add("batch", pack(task), { jobId: id });
  const look = async (): Promise<void> => {
    await publish();
    const before = performance.now() - lookMs;
    for (const [id, { task, since }] of waiting) {
      if (since > before) continue;
      const job = await queue.getJob(id);
      if (!waiting.has(id)) continue;
      if (job === undefined) await put(id, task);
      else if (await job.isCompleted()) completed(id, job.returnvalue);
      else if (await job.isFailed()) failed(id, job.failedReason);
    }
  };
  let looking: Promise<void> | null = null;
  const timer = setInterval(() => {
    looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = null));
  }, lookMs);

  return {
    async run(task, { signal }) {
      if (task.kind === "hello") {
        await publish();
        await events.waitUntilReady();
        return { rows: [], added: [] };
      }
      const id = batchName(task);
      return new Promise<StudyResult>((resolve, reject) => {
        const stop = (): void => {
          waiting.delete(id);
          reject(signal.reason);
        };
        const settled = (): void => signal.removeEventListener("abort", stop);
        waiting.set(id, {
          task,
          since: performance.now(),
          resolve: (result) => (settled(), resolve(result)),
          reject: (error) => (settled(), reject(error)),
        });
        signal.addEventListener("abort", stop);
        // A refusal of the server is no end: the batch is put in again by `look`.
        put(id, task).catch(() => undefined);
      });
    },
    async close() {
      clearInterval(timer);
      const leave = async (): Promise<void> => {
        await redis.srem(runsKey, name);
        await redis.del(runKey(name));
        await queue.obliterate({ force: true });
        await Promise.all([queue.close(), events.close()]);
      };
      await Promise.race([leave().catch(() => undefined), after(farewellMs)]);
      redis.disconnect();
      await Promise.all([queue.disconnect(), events.disconnect()]);
    },
  };
}

function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
