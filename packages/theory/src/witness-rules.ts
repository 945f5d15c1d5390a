import type { NamedAtom } from "@moe-rates/mixture";
import { gateRules } from "./gate-rules.ts";
import {
  number,
  vector,
  family,
  slopes,
  flat,
  sigmoid,
  logistic,
  expertOption,
  multiplied,
  changed,
  splitEach,
  allZero,
  type WitnessRule,
} from "./witness-rule.ts";

/** Every rule, in the order of the audit. */
export const witnessRules: readonly WitnessRule[] = [
  {
    id: "N1",
    statement: "an expert that is affine in a parameter: halves of one atom part by +-1 in it",
    build(truth) {
      const [name] = [...truth.symmetries.affine].sort((a, b) => Number(b === "b") - Number(a === "b"));
      if (name === undefined) return null;
      return splitEach(truth, (atom) => [
        changed(atom, name, (v) => v + 1),
        changed(atom, name, (v) => v - 1),
      ]);
    },
  },
  {
    id: "N2",
    statement: "a homogeneous expert: halves of one atom are multiples c1, c2 with c1^p + c2^p = 2",
    build(truth) {
      const { degree, names } = truth.symmetries;
      if (degree === null || degree < 0) return null;
      const first = 1 + 0.4 / degree;
      const second = (2 - first ** degree) ** (1 / degree);
      return splitEach(truth, (atom) => [multiplied(atom, names, first), multiplied(atom, names, second)]);
    },
  },
  {
    id: "N3",
    statement:
      "a homogeneous router: its parameters, the intercepts and the temperature are doubled together, at k = k*",
    build(truth) {
      const { model, atoms, shared } = truth;
      if (family(truth) !== "dense-to-sparse" || typeof shared["temperature"] !== "number") return null;
      const d = model.inputDim;
      const outer = (index: number) => index % (d + 2) === d + 1;
      const router = String(model.families.gating.options["router"] ?? "linear");
      if (router !== "linear" && router !== "mlp") return null;
      return {
        shared: { ...shared, temperature: 2 * shared["temperature"] },
        atoms: atoms.map((atom) => ({
          ...atom,
          beta0: 2 * number(atom, "beta0"),
          ...(router === "linear"
            ? { beta1: vector(atom, "beta1").map((value) => 2 * value) }
            : { omega: vector(atom, "omega").map((value, i) => (outer(i) ? 2 * value : value)) }),
        })),
      };
    },
  },
  {
    id: "N4",
    statement:
      "any expert, k = 2k*: every gate splits into halves at beta1 +- delta, numerator and denominator gain cosh(delta . x)",
    build(truth) {
      const { model, atoms, half, shared } = truth;
      if (model.gating.gauge !== "translation" || family(truth) === "top-k") return null;
      const moved = (atom: NamedAtom, sign: number) => ({
        ...atom,
        beta1: vector(atom, "beta1").map((value, u) => value + sign * (0.8 - 0.3 * (u % 3))),
      });
      return { shared, atoms: atoms.flatMap((atom) => [moved(half(atom), 1), moved(half(atom), -1)]) };
    },
  },
  {
    id: "N5",
    statement:
      "sigmoid gates: sigma(z) h = sigma(0) 2h + sigma(-z) (-h), for experts closed under these multiples",
    build(truth) {
      const { degree, odd, names } = truth.symmetries;
      if (!sigmoid(truth) || degree === null || !odd) return null;
      const target = truth.atoms.findIndex((atom) => !flat(vector(atom, "beta1")));
      if (target < 0) return null;
      return {
        atoms: truth.atoms.flatMap((atom, j) => {
          if (j !== target) return [atom];
          const slope = vector(atom, "beta1");
          return [
            { ...multiplied(atom, names, 2 ** (1 / degree)), beta1: slope.map(() => 0), beta0: 0 },
            {
              ...multiplied(atom, names, -1),
              beta1: slope.map((value) => -value),
              beta0: -number(atom, "beta0"),
            },
          ];
        }),
      };
    },
  },
  {
    id: "N5-dead",
    statement: "sigmoid gates: a spare atom whose expert is 0 has a free gate",
    build(truth) {
      if (!sigmoid(truth) || !truth.symmetries.vanishing) return null;
      const [atom] = truth.atoms;
      const dead = {
        ...multiplied(atom, truth.symmetries.names, 0),
        beta1: vector(atom, "beta1").map(() => 1),
        beta0: 1,
      };
      return { atoms: [...truth.atoms, dead] };
    },
  },
  {
    id: "N6",
    statement: "one true atom under normalised gates: two atoms with its expert and any gates",
    build(truth) {
      const { model, atoms, shared } = truth;
      if (model.gating.gauge === "none" || atoms.length !== 1 || model.gating.groups) return null;
      const slope = atoms[0]["beta1"] === undefined ? "omega" : "beta1";
      const other = {
        ...atoms[0],
        [slope]: vector(atoms[0], slope).map((value) => value + 1),
        beta0: number(atoms[0], "beta0") + 0.5,
      };
      return { shared, atoms: [atoms[0], other] };
    },
  },
  {
    id: "N6-flat",
    statement:
      "sigmoid gates without slope, affine experts: what one expert gains another gives up, at k = k*",
    build(truth) {
      const [name] = truth.symmetries.affine.filter((one) => one === "b");
      if (!sigmoid(truth) || name === undefined || truth.atoms.length < 2 || !slopes(truth).every(flat))
        return null;
      const weight = truth.atoms.map((atom) => logistic(number(atom, "beta0")));
      return {
        atoms: truth.atoms.map((atom, j) =>
          j > 1 ? atom : changed(atom, name, (value) => value + (j === 0 ? 0.5 : -0.5) / weight[j]),
        ),
      };
    },
  },
  {
    id: "N6-scale",
    statement:
      "a sigmoid gate without slope and a homogeneous or scaled expert: mass and size of the expert trade, at k = k*",
    build(truth) {
      const { degree, names, affine } = truth.symmetries;
      const at = slopes(truth).findIndex(flat);
      if (!sigmoid(truth) || at < 0) return null;
      const share = 0.8;
      const grow = (atom: NamedAtom) => {
        if (affine.includes("lambda")) return multiplied(atom, ["lambda"], 1 / share);
        return degree === null ? null : multiplied(atom, names, share ** (-1 / degree));
      };
      const grown = grow(truth.atoms[at]);
      if (grown === null) return null;
      const mass = share * logistic(number(grown, "beta0"));
      const atom = { ...grown, beta0: Math.log(mass / (1 - mass)) };
      return { atoms: truth.atoms.map((one, j) => (j === at ? atom : one)) };
    },
  },
  {
    id: "N7",
    statement:
      "linear experts, k* = 2, k = 3: numerator and denominator times 1 + c exp(-beta1 . x), gates beta1, 0, -beta1",
    build(truth) {
      const { atoms, symmetries } = truth;
      if (family(truth) !== "softmax" || atoms.length !== 2 || !symmetries.odd) return null;
      if (symmetries.degree !== 1 || symmetries.affine.length !== symmetries.names.length) return null;
      const [first, second] = atoms;
      const slope = vector(first, "beta1").map((value, u) => value - vector(second, "beta1")[u]);
      const mass = Math.exp(number(first, "beta0") - number(second, "beta0"));
      const c = 0.4;
      const middle = 1 + c * mass;
      const mixed = symmetries.names.reduce((done, name) => {
        const [, field, index] = /^([^[]+)(?:\[(\d+)\])?$/u.exec(name) ?? [];
        const of = (atom: NamedAtom) =>
          index === undefined ? number(atom, field) : vector(atom, field)[Number(index)];
        return changed(done, name, () => (of(second) + c * mass * of(first)) / middle);
      }, second);
      return {
        atoms: [
          { ...first, beta1: slope, beta0: Math.log(mass) },
          { ...mixed, beta1: slope.map(() => 0), beta0: Math.log(middle) },
          { ...second, beta1: slope.map((value) => -value), beta0: Math.log(c) },
        ],
      };
    },
  },
  {
    id: "N8",
    statement:
      "a true expert with eta* = 0 (constant): its halves take +eta and -eta, for experts symmetric about 0",
    build(truth) {
      const { symmetric, names } = truth.symmetries;
      const at = truth.atoms.findIndex((atom) => allZero(atom, names));
      if (!symmetric || at < 0) return null;
      const filled = (atom: NamedAtom, sign: number) =>
        names.reduce((done, name, s) => changed(done, name, () => sign * (0.9 + 0.2 * s)), atom);
      return splitEach({ ...truth, splittable: truth.splittable && [at] }, (atom) => [
        filled(atom, 1),
        filled(atom, -1),
      ]);
    },
  },
  {
    id: "N8b",
    statement:
      "two true atoms with one gate and eta_2* = -eta_1*, odd experts: they cancel for every eta, at k = k*",
    build(truth) {
      const { atoms, symmetries, shared } = truth;
      if (!symmetries.odd) return null;
      const opposite = (a: NamedAtom, b: NamedAtom) =>
        JSON.stringify(multiplied(a, symmetries.names, -1)) ===
        JSON.stringify(multiplied(b, symmetries.names, 1));
      for (const [i, a] of atoms.entries()) {
        const j = atoms.findIndex((b, at) => at > i && opposite(a, b));
        if (j < 0) continue;
        const longer = (atom: NamedAtom) => multiplied(atom, symmetries.names, 1.5);
        return { shared, atoms: atoms.map((atom, at) => (at === i || at === j ? longer(atom) : atom)) };
      }
      return null;
    },
  },
  {
    id: "N9",
    statement:
      "two constant tanh or sigmoid experts: the gate's transition is one unit's transition, under a constant gate",
    build(truth) {
      const { atoms } = truth;
      const activation = expertOption(truth, "activation");
      const plain =
        expertOption(truth, "bias") !== false &&
        expertOption(truth, "normalise") !== true &&
        expertOption(truth, "scale") !== true;
      if (family(truth) !== "softmax" || atoms.length !== 2 || !plain) return null;
      if (
        !["tanh", "sigmoid"].includes(String(activation)) ||
        Number(expertOption(truth, "width") ?? 1) !== 1
      )
        return null;
      if (!atoms.every((atom) => flat(vector(atom, "a")))) return null;
      const value = activation === "tanh" ? Math.tanh : logistic;
      const inverse = activation === "tanh" ? Math.atanh : (y: number) => Math.log(y / (1 - y));
      const rising = value(number(atoms[0], "b")) > value(number(atoms[1], "b")) ? [0, 1] : [1, 0];
      const [high, low] = rising.map((j) => atoms[j]);
      const [top, bottom] = [high, low].map((atom) => value(number(atom, "b")));
      const slope = vector(high, "beta1").map((v, u) => v - vector(low, "beta1")[u]);
      const intercept = number(high, "beta0") - number(low, "beta0");
      const scale = activation === "tanh" ? 0.5 : 1;
      const weight = activation === "tanh" ? (top - bottom) / 2 : top - bottom;
      const rest = activation === "tanh" ? (top + bottom) / 2 / (1 - weight) : bottom / (1 - weight);
      const still = slope.map(() => 0);
      return {
        atoms: [
          { beta1: still, beta0: Math.log(weight), a: slope.map((v) => scale * v), b: scale * intercept },
          { beta1: still, beta0: Math.log(1 - weight), a: still, b: inverse(rest) },
        ],
      };
    },
  },
  ...gateRules,
];
