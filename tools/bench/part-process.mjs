/** Runs one part of the benchmarks in a process of its own, so that no part meets code that another one has warmed up or made polymorphic:
 *    node part-process.mjs NAME SETTING-AS-JSON, forked; answers with what was measured. */
import { createReport } from "./report.mjs";

const [name, setting] = process.argv.slice(2);
const { run } = await import(`./parts/${name}.mjs`);
const report = createReport((text) => process.stdout.write(text));
await run(report, JSON.parse(setting));
process.send?.(report.measured);
process.disconnect?.();
