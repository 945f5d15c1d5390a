import type { GatingFamily } from "./gating.ts";
import { sigmoid } from "./sigmoid.ts";
import { softmax } from "./softmax.ts";

/** The gating families this version ships. */
export const gatings = { softmax, sigmoid } as const satisfies Record<string, GatingFamily>;
