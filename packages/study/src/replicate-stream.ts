import { contentHash } from "./canonical-json.ts";
import type { Design, ResolvedStudy } from "./types.ts";

/** Parts of a stream key, for `stream(...key)` of @moe-rates/math: seed, truth, sample stream, replicate, purpose. */
export type StreamKey = readonly [
  seed: number,
  truthId: string,
  sampleStreamId: string,
  replicate: number,
  purpose: string,
];

/** Key of one random stream of a replicate. What is not in the key (other sizes, replicates, fits, threads) cannot change its numbers. */
export function replicateStream(
  study: Pick<ResolvedStudy, "seed">,
  truthId: string,
  sampleStreamId: string,
  replicate: number,
  purpose: string,
): StreamKey {
  return [study.seed, truthId, sampleStreamId, replicate, purpose];
}

/** Content hash of the truth: gating, expert, input law (covariates by content), noise and atoms. */
export function truthIdOf(design: Pick<Design, "identity">): string {
  return contentHash(design.identity["truth"]);
}

/**
 * Which data a design sees. With common random numbers all fits to one truth share one stream, without each fit has its own. Nested samples are prefixes of one
 * stream; otherwise every n has its own. Engine and kernels are not part of it: two engines see the same data.
 */
export function sampleStreamOf(
  study: Pick<ResolvedStudy, "nested" | "commonRandomNumbers">,
  design: Pick<Design, "identity">,
  n: number,
): string {
  const owner = study.commonRandomNumbers ? "common" : fitIdOf(design);
  return study.nested ? owner : `${owner}/${n}`;
}

/** Stream of a fit's own randomness (starts, audit), apart for every fit and n and never shared with the data. */
export function fitStreamOf(design: Pick<Design, "identity">, n: number): string {
  return `fit ${fitIdOf(design)}/${n}`;
}

function fitIdOf(design: Pick<Design, "identity">): string {
  return contentHash(design.identity["fit"]);
}
