import { messageOf } from "./input-error.ts";
import type { FromProcess, ToProcess } from "./pool/process-executor.ts";
import type { StudyResult, StudySetup, StudyTask } from "./pool/worker-protocol.ts";
import { stopSignals } from "./stop-signals.ts";
import { studyWork } from "./study-worker.ts";
import type { StudyWork } from "./study-worker.ts";

/** Entry point of the pool's processes. They end with the run: when it goes, the channel closes; a Ctrl-C for the whole group is the run's to handle. */
let work: Promise<StudyWork> | null = null;
for (const name of stopSignals) process.on(name, () => undefined);
process.on("disconnect", () => process.exit());
process.on("message", (message) => void answer(message as ToProcess<StudyTask>));

async function answer(message: ToProcess<StudyTask>): Promise<void> {
  if ("setup" in message) {
    work = studyWork(message.setup as StudySetup);
    work.catch(() => undefined);
    return;
  }
  try {
    const result = (await work)?.(message.task, () => reply({ beat: true }));
    if (result !== undefined) reply({ result });
  } catch (error) {
    reply({ error: messageOf(error) });
  }
}

function reply(message: FromProcess<StudyResult>): void {
  process.send?.(message);
}
