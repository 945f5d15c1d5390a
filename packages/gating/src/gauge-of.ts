import type { Gauge } from "./gating.ts";

/** The gauge of a gating family under given options; `none` where a family declares none. */
export function gaugeOf(
  family: { readonly gauge?: Gauge | ((options: Readonly<Record<string, unknown>>) => Gauge) },
  options: Readonly<Record<string, unknown>>,
): Gauge {
  const { gauge = "none" } = family;
  return typeof gauge === "function" ? gauge(options) : gauge;
}
