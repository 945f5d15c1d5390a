import { shuffle, type Stream } from "@moe-rates/math";
import type { StartPoint } from "@moe-rates/estimators";
import type { Gauge, MixtureModel } from "@moe-rates/mixture";

/** Starts near the truth: the true atoms, spare atoms copied from random cells with the mass shared equally, plus radius * N(0, I). The radius does not depend on n: noise that shrinks
 *  with n makes a slope of its own. With fewer atoms than the truth, a random subset. A shared positive parameter (a temperature) is the truth's times
 *  exp(radius * N(0, 1)). With two levels the same in every group, which must be as many as the truth's. */
export function nearTruthStarts(
  model: MixtureModel,
  truth: { readonly model: MixtureModel; readonly theta: Float64Array },
  radius: number,
  count: number,
  random: Stream,
): StartPoint[] {
  const atoms = truth.model.unpack(truth.theta);
  const { gauge } = model.gating;
  const common = model.channels.filter(({ atom, group }) => atom === null && group === null);
  const shared = Object.fromEntries(
    Object.entries(truth.model.unpackShared(truth.theta)).filter(
      ([name]) => name === "groups" || common.some(({ names }) => names.includes(name)),
    ),
  );
  const sizes = model.gating.groups ?? [model.atoms];
  const size = atoms.length / sizes.length;
  return Array.from({ length: count }, () => {
    const filled = sizes.map((fitted) => fillCells(size, fitted, random));
    const cells = filled.flatMap((own, g) => own.map((cell) => g * size + cell));
    const copies = cells.map((cell) => cells.filter((other) => other === cell).length);
    const theta = model.pack(
      cells.map((cell) => atoms[cell]),
      shared,
    );
    const temperature = Number(model.unpackShared(theta)["temperature"] ?? 1);
    for (const channel of model.channels) {
      const t = channel.part === "gate" && channel.atom !== null ? channel.names.indexOf("beta0") : -1;
      if (t < 0) continue;
      const i = channel.parameter + t;
      theta[i] = sharedIntercept(theta[i], copies[channel.atom!], gauge, temperature);
    }
    for (const channel of model.channels) {
      const { parameter, terms } = channel;
      for (let i = parameter; i < parameter + terms; i++) {
        if (common.includes(channel)) theta[i] *= Math.exp(radius * random.normal());
        else theta[i] += radius * random.normal();
      }
    }
    return { policy: "near-truth", theta };
  });
}

/** The cell of each of so many fitted atoms: every true one first, then random ones; a random subset where they are fewer. */
function fillCells(trueAtoms: number, fitted: number, random: Stream): number[] {
  const order = shuffle(
    Array.from({ length: trueAtoms }, (_, j) => j),
    random,
  );
  const cells = fitted < trueAtoms ? order.slice(0, fitted) : Array.from({ length: trueAtoms }, (_, j) => j);
  while (cells.length < fitted) cells.push(random.integer(trueAtoms));
  return cells;
}

/** beta0 of one of `copies` atoms that together have the mass of beta0: exp(beta0 / temperature) where t0 is a gauge, sigma(beta0) elsewhere. */
function sharedIntercept(beta0: number, copies: number, gauge: Gauge, temperature: number): number {
  if (copies === 1) return beta0;
  return gauge === "none"
    ? -Math.log(copies * (1 + Math.exp(-beta0)) - 1)
    : beta0 - temperature * Math.log(copies);
}
