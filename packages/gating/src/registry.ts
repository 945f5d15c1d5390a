import { denseToSparse } from "./dense-to-sparse.ts";
import type { GatingFamily } from "./gating.ts";
import { hierarchical } from "./hierarchical.ts";
import { laplace } from "./laplace.ts";
import { sigmoid } from "./sigmoid.ts";
import { softmax } from "./softmax.ts";
import { topK } from "./top-k.ts";

/** The gating families this version ships. */
export const gatings = {
  softmax,
  sigmoid,
  hierarchical,
  "dense-to-sparse": denseToSparse,
  "top-k": topK,
  laplace,
} as const satisfies Record<string, GatingFamily>;
