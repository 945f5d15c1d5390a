import type { NamedAtom } from "@moe-rates/mixture";
import { mirrored } from "./gate-class.ts";
import { changed, family, flat, logistic, number, vector, type WitnessRule } from "./witness-rule.ts";

/** Rules that hold because of the form of the gate, for k* = 2 and at k = k*. */
export const gateRules: readonly WitnessRule[] = [
  {
    id: "N6-normalised",
    statement:
      "k* = 2, normalised sigmoid gates, one without slope, affine experts: f = h2 + sigma(z + log((1 + s)/s)) (h1 - h2)/(1 + s), so that s, beta0 and h1 trade, at k = k*",
    build(truth) {
      const { model, atoms, symmetries } = truth;
      const constant = atoms.findIndex((atom) => flat(vector(atom, "beta1")));
      const affine = symmetries.degree === 1 && symmetries.affine.length === symmetries.names.length;
      if (family(truth) !== "sigmoid" || model.families.gating.options["normalised"] !== true) return null;
      if (constant < 0 || atoms.length !== 2 || !affine) return null;
      const [still, moving] = [atoms[constant], atoms[1 - constant]];
      const s = logistic(number(still, "beta0"));
      const other = s / 2;
      const offset = (mass: number) => Math.log((1 + mass) / mass);
      const grown = (1 + other) / (1 + s);
      const expert = symmetries.names.reduce(
        (done, name) =>
          changed(done, name, (value) => component(still, name) + grown * (value - component(still, name))),
        moving,
      );
      const built = [
        { ...still, beta0: Math.log(other / (1 - other)) },
        { ...expert, beta0: number(moving, "beta0") + offset(s) - offset(other) },
      ];
      return { atoms: constant === 0 ? built : built.toReversed() };
    },
  },
  {
    id: "N10",
    statement:
      "k* = 2, a tanh or sigmoid router: (omega1, omega2) -> (-omega2, -omega1) leaves the difference of the scores, at k = k*",
    build(truth) {
      const { model, atoms, shared } = truth;
      const router = String(model.families.gating.options["router"]);
      if (family(truth) !== "dense-to-sparse" || !mirrored(router) || atoms.length !== 2) return null;
      return {
        shared,
        atoms: atoms.map((atom, j) => ({
          ...atom,
          omega: vector(atoms[1 - j], "omega").map((value) => -value),
        })),
      };
    },
  },
];

function component(atom: NamedAtom, name: string): number {
  const [, field, index] = /^([^[]+)(?:\[(\d+)\])?$/u.exec(name) ?? [];
  return index === undefined ? number(atom, field) : vector(atom, field)[Number(index)];
}
