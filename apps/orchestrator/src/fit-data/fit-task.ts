import type { FitDataRequest } from "@moe-rates/study";

/** One fit of measured data, as it goes to the worker; `request.x` and `request.y` lie in shared memory. */
export interface FitTask {
  readonly request: FitDataRequest;
  /** Name of the engine. */
  readonly engine: string;
  /** Absolute paths of plugin modules. */
  readonly plugins: readonly string[];
}
