import type { MixingMeasure } from "@moe-rates/mixture";
import { measureKind, ownLoss } from "./loss-families.ts";
import { softmaxForm } from "./shift-measure.ts";
import { voronoiLoss } from "./voronoi-loss.ts";

/**
 * Errors of gates, experts, masses, temperature and groups by kind of cell, each in its own units and without the weights of a loss, in the gauge and the
 * cells of the model's own loss (`ownLoss`; `voronoi-d1` between measures of different kinds). Names: docs/losses.md. Where fit and truth have a temperature
 * and slopes, the same errors in the identified parameters (beta1 / tau, beta0 / tau, eta) follow, their names beginning with `identified-`.
 */
export function componentErrors(fitted: MixingMeasure, truth: MixingMeasure): Record<string, number> {
  const kind = measureKind(truth);
  const alike = measureKind(fitted) === kind;
  const own = voronoiLoss(alike ? ownLoss(kind) : "voronoi-d1", fitted, truth).errors;
  if (!alike || kind !== "dense-to-sparse" || truth.gauge !== "translation") return own;
  const identified = voronoiLoss("voronoi-d1", softmaxForm(fitted), softmaxForm(truth)).errors;
  return {
    ...own,
    ...Object.fromEntries(Object.entries(identified).map(([name, value]) => [`identified-${name}`, value])),
  };
}
