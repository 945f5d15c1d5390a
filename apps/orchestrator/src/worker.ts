import { workerData } from "piscina";
import type { Beats } from "./pool/executor.ts";
import type { ThreadTask } from "./pool/thread-executor.ts";
import type { StudyResult, StudySetup, StudyTask } from "./pool/worker-protocol.ts";
import { studyWork } from "./study-worker.ts";

const { setup, beats } = workerData as { setup: StudySetup; beats: Beats };
const work = await studyWork(setup);

/** Entry point of the pool's threads. */
export default function workInThread({ task, lane }: ThreadTask<StudyTask>): StudyResult {
  return work(task, () => void Atomics.add(beats, lane, 1));
}
