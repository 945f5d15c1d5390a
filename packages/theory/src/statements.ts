import { expertClassNames, type ExpertClass } from "./expert-class.ts";
import { notIdentified, pointwiseRate, publishedBound, slowerThanPower, type PredictedLaw } from "./law.ts";
import { uniformBlock, type Block, type Statement, type TheoryEntry } from "./theory-entry.ts";

/** Least squares under softmax gates. */
export const softmaxPaper = "arXiv 2503.03213";
/** Least squares under sigmoid gates. */
export const sigmoidPaper = "arXiv 2405.13997";
/** Gaussian mixtures of experts with softmax gates. */
export const gaussianPaper = "arXiv 2305.03288";
/** Laplace gates. */
export const laplacePaper = "FuseMoE, NeurIPS 2024";
/** Top-K softmax gates. */
export const topKPaper = "arXiv 2309.13850";
/** Shared experts, normalised sigmoid gates. */
export const sharedPaper = "arXiv 2505.10860";
const audit = "docs/audit.md";

const local =
  "holds at this G* when the sharp second-order test passes there (see identify), k <= 2k* - 1, and f_G = f_G* has no other solution in the box";
/** n^-1/2: with a logarithm as published, without at a fixed G*. */
export const parametric = (source: string, reason: string = local): Statement => ({
  published: publishedBound(1 / 2, source),
  audited: pointwiseRate(1 / 2, "sharp first-order test at G*"),
  reason,
});
/** n^-1/4: with a logarithm as published, without at a fixed G*. */
export const quartic = (source: string): Statement => ({
  published: publishedBound(1 / 4, source),
  audited: pointwiseRate(1 / 4, "sharp second-order test at G*"),
  reason: local,
});
/** Mass-weighted means of over-specified cells. */
export const meanOfCell: Statement = {
  published: null,
  audited: pointwiseRate(1 / 2, "sharp second-order test at G*"),
  reason:
    "the papers state nothing; first-order terms fix the weighted mean of a cell where the second-order test passes",
};
const free = (published: PredictedLaw | null, witness: string, reason: string): Statement => ({
  published,
  audited: notIdentified(`${audit}, ${witness}`),
  reason,
});
/** Published as slower than every power over a class; n^-1/2 at a fixed G* that passes the first-order test. */
export const minimaxOnly = (source: string, reason: string): Statement => ({
  published: slowerThanPower(source),
  audited: pointwiseRate(1 / 2, "sharp first-order test at G*"),
  reason,
});
const regression = (source: string): Statement => ({
  published: publishedBound(1 / 2, source),
  audited: pointwiseRate(1 / 2, "parametric number of parameters"),
  reason: "the regression function is a parametric family of bounded complexity, identified or not",
});
/** Nothing is published, nothing is claimed. */
export const uncovered: Statement = {
  published: null,
  audited: null,
  reason: "no published statement; identify and profile answer for this truth",
};

/** Exactly specified cells at n^-1/2, over-specified ones at n^-1/4, masses and cell means at n^-1/2. */
export function identifiable(source: string): { exact: Block; over: Block } {
  const root = parametric(source);
  const over = { overGate: quartic(source), overExpert: quartic(source), overMean: meanOfCell };
  return { exact: uniformBlock(root), over: uniformBlock(root, over) };
}

/** An entry whose regression function follows the common bound of `source`. */
export const entry = (
  id: string,
  gates: TheoryEntry["gates"],
  experts: readonly ExpertClass[],
  source: string,
  blocks: { exact: Block; over: Block },
): TheoryEntry => ({ id, gates, experts, regression: regression(source), ...blocks });

/** Every class of experts. */
export const all = Object.keys(expertClassNames) as ExpertClass[];
/** Softmax, strongly identifiable experts. */
export const theorem1 = `${softmaxPaper}, Theorem 1`;
/** Softmax, linear experts. */
export const theorem2 = `${softmaxPaper}, Theorem 2`;
/** Dense-to-sparse, linear router. */
export const theorem3 = `${softmaxPaper}, Theorem 3`;
/** Hierarchical softmax, linear experts. */
export const theorem6 = `${softmaxPaper}, Theorem 6`;
/** Why affine experts are free. */
export const n1 =
  "N1: an atom split in two along a direction in which the expert is affine leaves f_G as it is, at any distance";
/** Why homogeneous experts are free. */
export const n2 = "N2: a homogeneous expert's atom splits into two of its multiples";
/** Why a minimax bound says nothing at a fixed G*. */
export const pointwiseLinear =
  "the theorem is minimax, its sequence has k* + 1 atoms; at a fixed G* whose Jacobian has full rank, and without another solution, n^-1/2";

/** Linear experts: parametric at a fixed G* when exactly specified, not identified when over-specified. */
export function affineExpert(source: string, global: string): { exact: Block; over: Block } {
  const exact = minimaxOnly(source, pointwiseLinear);
  const split = free(slowerThanPower(source), "N1", n1);
  const gate: Statement = {
    published: slowerThanPower(source),
    audited: pointwiseRate(1 / 2, "first-order terms at G*"),
    reason: `near G* gates, masses and weighted means of cells are identified; ${global}`,
  };
  return {
    exact: uniformBlock(exact),
    over: uniformBlock(gate, {
      mass: { ...gate, published: null },
      overExpert: split,
      overMean: { ...gate, published: null },
    }),
  };
}

/** Homogeneous experts: as `exact` but for the experts of over-specified cells, which N2 leaves free. */
export const homogeneous = (
  published: PredictedLaw | null,
  exact: Statement,
): { exact: Block; over: Block } => ({
  exact: uniformBlock(exact),
  over: uniformBlock(exact, {
    overExpert: free(published, "N2", n2),
    overMean: {
      ...meanOfCell,
      audited: null,
      reason: `${n2}; what is left of a cell's mean depends on the split`,
    },
  }),
});

const temperatureFree = free(
  slowerThanPower(theorem3),
  "N3",
  "N3: multiplying beta1, beta0 and the temperature by one constant leaves f_G as it is, already at k = k*",
);

/** Dense-to-sparse with a homogeneous router: the expert part of a softmax entry, gates and temperature confounded. */
export function confounded(of: { exact: Block; over: Block }): { exact: Block; over: Block } {
  const block = (from: Block): Block => {
    const statement = (inner: Statement): Statement => ({
      published: slowerThanPower(theorem3),
      audited: inner.audited,
      reason: `the null direction (N3) has no expert part; ${inner.reason}`,
    });
    return {
      mass: { ...from.mass, published: null },
      exactGate: temperatureFree,
      overGate: temperatureFree,
      exactExpert: statement(from.exactExpert),
      overExpert: statement(from.overExpert),
      overMean: { ...from.overMean, published: null },
      overGateMean: { ...temperatureFree, published: null },
      temperature: temperatureFree,
    };
  };
  return { exact: block(of.exact), over: block(of.over) };
}

/** Blocks with a temperature that one exact cell identifies. */
export const withTemperature = (
  blocks: { exact: Block; over: Block },
  source: string,
): { exact: Block; over: Block } => {
  const temperature: Statement = {
    ...parametric(source),
    reason: `n^-1/2 as soon as one cell is exact, always so for k <= 2k* - 1 without an empty cell; ${local}`,
  };
  return { exact: { ...blocks.exact, temperature }, over: { ...blocks.over, temperature } };
};

/** Softmax gates, linear experts. */
export const softmaxLinear = affineExpert(theorem2, "with k* = 2 not even those globally (N7)");
/** Where the sigmoid paper tabulates softmax rates. */
export const sgTable = `${sigmoidPaper}, comparison with softmax`;
/** Softmax gates, ReLU experts. */
export const softmaxRelu = homogeneous(publishedBound(1 / 4, sgTable), parametric(sgTable));
/** Softmax gates, polynomial experts. */
export const softmaxPolynomial = homogeneous(null, {
  published: null,
  audited: pointwiseRate(1 / 2, "sharp first-order test at G*"),
  reason: `${softmaxPaper} only says that its Definition 1 fails; audited as linear experts: ${local}`,
});
/** Softmax gates, experts with an output scale. */
export const softmaxScaled: { exact: Block; over: Block } = {
  exact: uniformBlock({
    published: null,
    audited: pointwiseRate(1 / 2, "sharp first-order test at G*"),
    reason: `Definition 1 fails (no second derivative in the scale), the first-order test passes: ${local}`,
  }),
  over: uniformBlock(
    {
      published: null,
      audited: null,
      reason: `${n1}; what else a half without output frees is not settled: profile shows plateaus of gates and means at some truths`,
    },
    { overExpert: free(null, "N1", n1) },
  ),
};

/** Density estimation: over-specified cells at n^(-1/2 order) for gate and intercept. */
export const gaussian = (source: string, gate: number, expert: number): { exact: Block; over: Block } => {
  const exact: Statement = {
    published: publishedBound(1 / 2, source),
    audited: null,
    reason: "a density model fitted by maximum likelihood; least squares does not meet its interactions",
  };
  const over = (s: number): Statement => ({
    ...exact,
    published: publishedBound(s, source),
    reason: `${exact.reason}; for a cell of two atoms, slower for larger ones`,
  });
  return {
    exact: uniformBlock(exact),
    over: uniformBlock(exact, { overGate: over(gate), overExpert: over(expert) }),
  };
};

/** Sigmoid gates, regime 2. */
export const regime2: Statement = {
  published: publishedBound(1 / 2, `${sigmoidPaper}, Theorem 5`),
  audited: pointwiseRate(1 / 2, "first-order terms at the nearest measure of exactly k atoms"),
  reason:
    "all k atoms, towards the nearest measure with exactly k atoms, where that is unique (N5 shows where it is not)",
};
/** Sigmoid gates, regime 1, experts that a witness leaves free. */
export const regime1Free = (witness: string, reason: string): { exact: Block; over: Block } => ({
  exact: uniformBlock(
    minimaxOnly(
      `${sigmoidPaper}, Theorem 3`,
      `${pointwiseLinear}; with all gates without slope N6 leaves it free`,
    ),
  ),
  over: uniformBlock(
    minimaxOnly(`${sigmoidPaper}, Theorem 3`, "near G* masses, gates and means of cells are identified"),
    { overExpert: free(slowerThanPower(`${sigmoidPaper}, Theorem 3`), witness, reason) },
  ),
});
