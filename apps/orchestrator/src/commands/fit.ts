import type { Verb } from "../command-line/verb.ts";
import { InputError } from "../input-error.ts";

/** `moe-rates fit DATA`. */
export const fit: Verb = {
  name: "fit",
  summary: "one certified fit of your own data",
  positionals: [{ name: "DATA", description: "CSV or Parquet file" }],
  options: [],
  examples: [],
  run() {
    throw new InputError("fit is not available yet");
  },
};
