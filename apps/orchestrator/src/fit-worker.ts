import type { Families } from "@moe-rates/mixture";
import * as study from "@moe-rates/study";
import type { FitTask, FittedData } from "./fit-data/fit-task.ts";
import { loadFamilies } from "./load-plugins.ts";

const numerics = study as unknown as {
  fitData(request: Omit<FitTask, "plugins"> & { families: Families }): FittedData;
};

/** Entry point of the thread that fits measured data: off the main thread, so that Ctrl-C is heard at once. */
export default async function fit({ plugins, ...task }: FitTask): Promise<FittedData> {
  return numerics.fitData({ ...task, families: await loadFamilies(plugins) });
}
