import type { GatingFamily } from "./gating.ts";
import { hierarchical } from "./hierarchical.ts";
import { sigmoid } from "./sigmoid.ts";
import { softmax } from "./softmax.ts";

/** The gating families this version ships. */
export const gatings = { softmax, sigmoid, hierarchical } as const satisfies Record<string, GatingFamily>;
