/** The command line in a process that takes one command after another, so that a case costs no start and a crash ends this process alone. */
import { Writable } from "node:stream";
import { main } from "../../../apps/orchestrator/dist/main.js";

const mostText = 20_000;

function collector() {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      if (text.length < mostText) text += String(chunk);
      done();
    },
  });
  return { stream, text: () => text };
}

process.on("disconnect", () => process.exit());
process.on("message", (message) => void answer(message));
process.send?.({ ready: true });

/** @param {unknown} message */
async function answer(message) {
  const { args, cwd } = /** @type {{ args: string[], cwd: string }} */ (message);
  const [out, err] = [collector(), collector()];
  const before = process.cpuUsage();
  const code = await main(args, {
    cwd,
    stdout: out.stream,
    stderr: err.stream,
    env: { MOE_RATES_TRACE: "1" },
    signal: new AbortController().signal,
    interactive: false,
    columns: () => 80,
  });
  const { user, system } = process.cpuUsage(before);
  process.send?.({ code, out: out.text(), err: err.text(), cpuMs: (user + system) / 1000 });
}
