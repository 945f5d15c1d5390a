import type { Stream } from "@moe-rates/math";
import type { StartPoint } from "@moe-rates/estimators";
import type { MixtureModel, NamedAtom } from "@moe-rates/mixture";

/** Starts near the truth: the true atoms, spare atoms copied from random cells with the mass shared equally, plus radius * N(0, I). The radius does not depend on n: noise that shrinks
 *  with n makes a slope of its own. With fewer atoms than the truth, a random subset. */
export function nearTruthStarts(
  model: MixtureModel,
  truth: readonly NamedAtom[],
  radius: number,
  count: number,
  random: Stream,
): StartPoint[] {
  return Array.from({ length: count }, () => {
    const order = Array.from({ length: truth.length }, (_, j) => j);
    for (let j = order.length - 1; j > 0; j--) {
      const other = random.integer(j + 1);
      [order[j], order[other]] = [order[other], order[j]];
    }
    const cells = model.atoms < truth.length ? order.slice(0, model.atoms) : truth.map((_, j) => j);
    while (cells.length < model.atoms) cells.push(random.integer(truth.length));
    const copies = cells.map((cell) => cells.filter((other) => other === cell).length);
    const theta = model.pack(cells.map((cell) => truth[cell]));
    for (const channel of model.channels) {
      const t = channel.part === "gate" && channel.atom !== null ? channel.names.indexOf("beta0") : -1;
      if (t < 0) continue;
      const i = channel.parameter + t;
      theta[i] = sharedIntercept(theta[i], copies[channel.atom!], model.gating.gauge);
    }
    for (let i = 0; i < theta.length; i++) theta[i] += radius * random.normal();
    return { policy: "near-truth", theta };
  });
}

/** beta0 of one of `copies` atoms that together have the mass of beta0: exp(beta0) under a translation gauge, sigma(beta0) without. */
function sharedIntercept(beta0: number, copies: number, gauge: "translation" | "none"): number {
  if (copies === 1) return beta0;
  return gauge === "translation" ? beta0 - Math.log(copies) : -Math.log(copies * (1 + Math.exp(-beta0)) - 1);
}
