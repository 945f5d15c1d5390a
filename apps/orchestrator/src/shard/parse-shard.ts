import type { Shard } from "@moe-rates/study";
import { InputError } from "../input-error.ts";

/** Reads `--shard i/N`, 1 <= i <= N. Throws InputError. */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,7})\/(\d{1,7})$/.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  if (!(shard.index >= 1 && shard.index <= shard.count))
    throw new InputError(`--shard ${text}: expected i/N with 1 <= i <= N, for example --shard 3/20`);
  return shard;
}
