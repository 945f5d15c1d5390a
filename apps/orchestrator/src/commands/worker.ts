import { availableParallelism } from "node:os";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError, exitCodes } from "../input-error.ts";
import { plural } from "../progress/format.ts";
import { writeLine } from "../terminal.ts";
import { passwordOptions } from "./queue-options.ts";
import { isolationOption, threadsOption, workerChoices } from "./study-options.ts";

/** `moe-rates worker --queue URL`. */
export const worker: Verb = {
  name: "worker",
  summary: "fit replicates for runs on a job queue",
  details:
    "Takes batches of moe-rates run --queue from a Redis or Valkey server, on any number of machines, and may join and leave at any time.\n" +
    "A signal (Ctrl-C, SIGTERM) ends it after its batches; what a killed worker had under way is given to others within seconds.",
  positionals: [],
  options: [
    {
      flag: "queue",
      value: "URL",
      required: true,
      description: "redis://HOST:PORT, or rediss:// for TLS",
    },
    ...passwordOptions,
    threadsOption,
    isolationOption,
    jsonOption,
  ],
  examples: [
    {
      command: "moe-rates worker --queue redis://10.0.0.5:6379",
      does: "works on all cores until it is stopped; the password comes from REDIS_PASSWORD",
    },
    {
      command:
        "moe-rates worker --queue rediss://queue.example.org --password-file ~/.queue --threads 4 --json",
      does: "over TLS, four threads, a JSON summary at the end",
    },
  ],
  async run(terminal, given) {
    if (given.has("plugin"))
      throw new InputError("--plugin: a queue carries no plugins; use moe-rates run --shard");
    const [{ connect, queueServer, reach }, { serveQueue }] = await Promise.all([
      import("../queue/queue-server.ts"),
      import("../queue/serve-queue.ts"),
    ]);
    const server = queueServer(terminal, given);
    await reach(server);
    const redis = connect(server);
    const { isolation } = workerChoices(given);
    const summary = await serveQueue(terminal, {
      server,
      redis,
      isolation,
      threads: given.number("threads") ?? availableParallelism(),
      workerFile: new URL(isolation === "process" ? "../worker-process.js" : "../worker.js", import.meta.url),
    }).finally(() => redis.disconnect());
    const { replicates, runs } = summary;
    await writeLine(
      terminal.stdout,
      given.has("json")
        ? JSON.stringify(summary, null, 2)
        : `${plural(replicates, "replicate")} of ${plural(runs, "run")}`,
    );
    return exitCodes.ok;
  },
};
