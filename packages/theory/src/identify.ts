import { stream } from "@moe-rates/math";
import { createModel, type Families, type MixtureModel, shippedFamilies } from "@moe-rates/mixture";
import { gateClassOf } from "./gate-class.ts";
import { interactions, type Interaction } from "./interactions.ts";
import type { Independence } from "./independence.ts";
import type { Points } from "./model-jet.ts";
import { routerExpert } from "./router-expert.ts";
import { sharpTest, type Direction, type SplitDirection } from "./sharp-test.ts";
import { specOf } from "./split-atoms.ts";
import { definition1, definition2, sigmoidDefinition } from "./strong-identifiability.ts";

/** A verdict with the number it rests on. */
export interface Identified {
  readonly verdict: "identified" | "unidentified";
  /** Smallest singular value (first order) or least second-order norm; 0 to rounding when unidentified. */
  readonly smallest: number;
  /** The weakest direction, by parameter names; what leaves f_G unchanged when unidentified. */
  readonly direction: Direction | readonly SplitDirection[] | null;
  readonly reason: string;
}

/** What the tests say of a truth. */
export interface Identification {
  /** k = k*. */
  readonly exact: Identified;
  /** k = k* + extra (1 unless said otherwise; with groups per group). */
  readonly over: Identified;
  /** The papers' definitions at random parameters, for one and two atoms. */
  readonly definitions: readonly (Pick<
    Independence,
    "smallest" | "distinct" | "rank" | "zero" | "dependency"
  > & {
    readonly definition: string;
    readonly atoms: number;
    readonly holds: boolean;
  })[];
  /** Interactions of the papers at the first true atom, those of this gate. */
  readonly interactions: readonly Interaction[];
}

/** Below this a smallest value is zero: rounding gives 1e-12, the weakest identified truths 1e-6. */
const ZERO = 1e-9;

/** Identifiability of a truth at its own parameters (`sharpTest`, which decides the rate near it) and of its families at random ones (the papers'
 *  definitions). The sharp test is local: other solutions of f_G = f_G* far away are witnesses (see `witnesses`). */
export function identify(
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  { extra = 1, families = shippedFamilies }: { readonly extra?: number; readonly families?: Families } = {},
): Identification {
  const test = sharpTest(model, theta, points, extra, families);
  const definitions = definitionsOf(model, families);
  const exact: Identified = {
    ...test.first,
    verdict: test.first.smallest > ZERO ? "identified" : "unidentified",
    reason:
      test.first.smallest > ZERO
        ? "the Jacobian modulo gauge has full rank at this truth"
        : "moving along this direction leaves the regression function unchanged to first order",
  };
  const found = interactionsOf(model, theta, points, families);
  return {
    exact,
    over: overOf(exact, test, () => randomAtoms(model, theta, points, extra, families)),
    definitions,
    interactions: found,
  };
}

function overOf(
  exact: Identified,
  { second }: ReturnType<typeof sharpTest>,
  weakModel: () => readonly [MixtureModel, Float64Array, Points],
): Identified {
  if (exact.verdict === "unidentified") return { ...exact, reason: `already with k = k*: ${exact.reason}` };
  if (second === null) {
    const generic = sharpTest(...weakModel(), 0).first.smallest;
    return {
      verdict: generic > ZERO ? "identified" : "unidentified",
      smallest: generic,
      direction: null,
      reason:
        "no true atom can be split: fits tend to the nearest measure of k atoms, judged by the Jacobian at k random atoms (weak identifiability); unique only without a witness N5",
    };
  }
  const identified = second.smallest > ZERO;
  return {
    verdict: identified ? "identified" : "unidentified",
    smallest: second.smallest,
    direction: second.splits,
    reason: identified
      ? "first-order terms cannot undo the second-order ones of any split"
      : "halves of this atom part along the direction without changing the regression function to second order",
  };
}

/** A model with the spare atoms and random parameters of size 0.8 to 2.2, shared ones as in the truth. */
function randomAtoms(
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  extra: number,
  families: Families,
): readonly [MixtureModel, Float64Array, Points] {
  const random = stream("weak", model.inputDim, model.atoms + extra);
  const signed = () => (random.uniform() < 0.5 ? -1 : 1) * (0.8 + 1.4 * random.uniform());
  const [template] = model.unpack(theta);
  const atoms = model.atoms + extra * (model.gating.groups?.length ?? 1);
  const named = Array.from({ length: atoms }, () =>
    Object.fromEntries(
      Object.entries(template).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map(signed) : signed(),
      ]),
    ),
  );
  const bigger = createModel({ ...specOf(model), inputDim: model.inputDim, atoms, families });
  return [bigger, bigger.pack(named, model.unpackShared(theta)), points];
}

function definitionsOf(model: MixtureModel, families: Families): Identification["definitions"] {
  const { gating, expert } = specOf(model);
  const gate = gateClassOf(gating);
  const router = routerExpert(gating);
  return [1, 2].flatMap((atoms) => {
    const request = { expert, inputDim: model.inputDim, atoms, families };
    const row = (
      definition: string,
      { independent, smallest, distinct, rank, zero, dependency }: Independence,
    ) => ({
      definition,
      atoms,
      holds: independent,
      smallest,
      distinct,
      rank,
      zero,
      dependency,
    });
    if (gate.startsWith("sigmoid"))
      return [
        row("weak identifiability (2405.13997)", sigmoidDefinition(request, "weak")),
        row("strong identifiability (2405.13997)", sigmoidDefinition(request, "strong")),
      ];
    if (router !== null)
      return [row("Definition 2, algebraic independence (2503.03213)", definition2({ ...request, router }))];
    return [row("Definition 1, strong identifiability (2503.03213)", definition1(request))];
  });
}

const interactionsOfGate: Readonly<Record<string, readonly Interaction["id"][]>> = {
  softmax: ["(9)"],
  "top-k": ["(9)"],
  hierarchical: ["(28)"],
  sigmoid: ["SG(8)", "SG(11)"],
  "dense-to-sparse": ["(9)", "(15)"],
};

function interactionsOf(
  model: MixtureModel,
  theta: Float64Array,
  points: Points,
  families: Families,
): Interaction[] {
  const { gating, expert } = specOf(model);
  const own = interactionsOfGate[gating.family] ?? [];
  if (own.length === 0) return [];
  const router = routerExpert(gating);
  const { atoms, temperature } = model.measure(theta);
  const [{ beta1, beta0, eta }] = atoms;
  return interactions({
    expert,
    inputDim: model.inputDim,
    points,
    beta1,
    beta0,
    eta,
    families,
    ...(router === null ? {} : { router }),
    ...(temperature === undefined ? {} : { temperature }),
  }).filter(({ id }) => own.includes(id));
}
