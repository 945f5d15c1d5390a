import type { ParsedArguments } from "../command-line/options.ts";
import { plural } from "../progress/format.ts";
import type { Elsewhere } from "../run-study.ts";
import { printable } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { batchesUnderWay, queueExecutor } from "./queue-executor.ts";
import { fingerprint } from "./queue-run.ts";
import { queueServer, reach } from "./queue-server.ts";

/** The workers of the server that `--queue` names, for a run. Says who joins, and at the end how much each one did. Throws InputError when the
 *  server does not answer. */
export async function queueWorkers(
  terminal: Terminal,
  given: ParsedArguments,
  timeLimit: number,
): Promise<Elsewhere> {
  const server = queueServer(terminal, given);
  await reach(server);
  const did = new Map<string, { replicates: number; readonly since: number }>();
  const say = (text: string): void => void terminal.stderr.write(`${printable(text)}\n`);
  const onAnswer = (worker: string, replicates: number): void => {
    const one = did.get(worker);
    if (one === undefined) say(`worker ${worker} has joined`);
    did.set(worker, {
      replicates: (one?.replicates ?? 0) + replicates,
      since: one?.since ?? performance.now(),
    });
  };
  return {
    place: `the workers of ${server.shown}`,
    batches: batchesUnderWay,
    open(setup) {
      const executor = queueExecutor(server, { setup, needs: fingerprint(setup), timeLimit }, onAnswer);
      return {
        run: executor.run,
        async close() {
          await executor.close();
          for (const [worker, { replicates, since }] of did) {
            const seconds = (performance.now() - since) / 1000;
            say(
              `worker ${worker}: ${plural(replicates, "replicate")}, ${(replicates / seconds).toFixed(1)} per second`,
            );
          }
        },
      };
    },
  };
}
