import { exitCodes } from "./input-error.ts";
import { main } from "./main.ts";
import { processTerminal } from "./terminal.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort();
  });
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // The reader of our results has left (`| head`): nothing is left to do. A closed stderr stops no run.
    if (stream === process.stdout) process.exit();
  });
}

process.exitCode = await main(process.argv.slice(2), processTerminal(stop.signal));
