import { performance } from "node:perf_hooks";
import { fitToData } from "@moe-rates/study";
import type { DataFit } from "@moe-rates/study";
import { engineKernels } from "./engines.ts";
import type { FitTask } from "./fit-data/fit-task.ts";
import { loadFamilies } from "./load-plugins.ts";

/** Entry point of the thread that fits measured data: off the main thread, so that Ctrl-C is heard at once. */
export default async function fit({ plugins, request, engine }: FitTask): Promise<DataFit> {
  return fitToData(request, { families: await loadFamilies(plugins), kernels: engineKernels(engine) }, () =>
    performance.now(),
  );
}
