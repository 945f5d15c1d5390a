import type { ExpertSpec, GatingSpec } from "@moe-rates/mixture";

/** The router of a dense-to-sparse gate as an expert without intercept, which is what it is as a function of x: linear, an activation of
 *  omega . x, or a sum of scaled tanh units. Null for other gates. */
export function routerExpert(gating: GatingSpec): ExpertSpec | null {
  const { family, ...options } = typeof gating === "string" ? { family: gating } : gating;
  if (family !== "dense-to-sparse") return null;
  const given: Record<string, unknown> = options;
  const router = String(given["router"] ?? "linear");
  if (router === "linear") return { family: "linear", bias: false };
  if (router === "mlp")
    return { family: "ffn", activation: "tanh", scale: true, width: Number(given["width"] ?? 2) };
  return { family: "ffn", activation: router, bias: false };
}
