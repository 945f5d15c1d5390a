import { performance } from "node:perf_hooks";
import { fitToData } from "@moe-rates/study";
import type { DataFit } from "@moe-rates/study";
import { engineSurroundings } from "./engines.ts";
import type { FitTask } from "./fit-data/fit-task.ts";
import { loadFamilies } from "./load-plugins.ts";
import type { ThreadTask } from "./pool/thread-executor.ts";

/** Entry point of the thread that fits measured data: off the main thread, so that Ctrl-C is heard at once. */
export default async function fit({ task }: ThreadTask<FitTask>): Promise<DataFit> {
  const { plugins, request, engine } = task;
  const surroundings = {
    families: await loadFamilies(plugins),
    ...(await engineSurroundings([engine]))(engine),
  };
  return fitToData(request, surroundings, () => performance.now());
}
