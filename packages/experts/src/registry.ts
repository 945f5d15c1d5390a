import { constant } from "./constant.ts";
import type { ExpertFamily } from "./expert.ts";
import { ffn } from "./ffn.ts";
import { linear } from "./linear.ts";
import { polynomial } from "./polynomial.ts";

/** The expert families this version ships. */
export const experts = { linear, polynomial, ffn, constant } as const satisfies Record<string, ExpertFamily>;
