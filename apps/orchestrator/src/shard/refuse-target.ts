import { InputError } from "../input-error.ts";
import type { LoadedStudy } from "../load-study.ts";

/** Throws InputError, in the name of `what`, when the number of replicates is decided over the rows of all shards. */
export function refuseTarget({ study }: LoadedStudy, what: string): void {
  if (study.target !== undefined)
    throw new InputError(
      `${what}: a precision target is decided over all rows, once per round; give --set design.replicates=N, or run the shards of each round with moe-rates run --shard i/N --after FILE`,
    );
}
