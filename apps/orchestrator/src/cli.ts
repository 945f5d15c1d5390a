import { exitCodes } from "./input-error.ts";
import { main } from "./main.ts";
import { prepareTensorflow } from "./native-binding.ts";
import { stopOnSignals } from "./stop-signals.ts";
import { processTerminal } from "./terminal.ts";

prepareTensorflow(process.env);
const stop = new AbortController();
stopOnSignals(process, stop, () => process.exit(exitCodes.interrupted));
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // The reader of our results has left (`| head`): nothing is left to do. A closed stderr stops no run.
    if (stream === process.stdout) process.exit();
  });
}

process.exitCode = await main(process.argv.slice(2), processTerminal(stop.signal));
