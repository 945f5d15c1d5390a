import { notIdentified, pointwiseRate, publishedBound } from "./law.ts";
import {
  all,
  entry,
  laplacePaper,
  meanOfCell,
  n1,
  parametric,
  quartic,
  sharedPaper,
  topKPaper,
} from "./statements.ts";
import { uniformBlock, type Block, type Statement, type TheoryEntry } from "./theory-entry.ts";

const firstOrder = "sharp first-order test at G*";
const root = (reason: string): Statement => ({
  published: null,
  audited: pointwiseRate(1 / 2, firstOrder),
  reason,
});
const open = (reason: string): Statement => ({ published: null, audited: null, reason });

const laplaceExact = root(
  "published for densities only; by least squares the Jacobian modulo (t0) has full rank where identify says so, and the noise-free exponent is 1",
);
const laplaceOver = open(
  "exp(-|W - x|) has a kink at x = W (rounded at 0.05 in the shipped gate), so that parting two gates by d costs d^2 sqrt(log 1/d) in two dimensions and d^(3/2) in one down to that scale; no power is claimed, profile shows what this truth does",
);
const laplaceFree: Statement = { ...open(n1), audited: notIdentified("docs/audit.md, N1") };

const topK = root(
  "published for densities only; with K > 1 of the true atoms active and as many in the fit, gates and experts within a piece of constant active set are a smooth family of full rank where identify says so, exponent 1 without noise; the borders between pieces are jumps of f, which are found faster",
);
const topKOver = open(
  "with spare atoms the ranking decides which copies are active at x: whether f* is reached at all depends on K of the fit (docs/audit.md); identify and profile answer for this truth",
);

const normalised = (reason: string): Statement => ({
  published: publishedBound(1 / 2, sharedPaper),
  audited: pointwiseRate(1 / 2, firstOrder),
  reason: `stated for a density model; ${reason}`,
});
const normalisedExact = normalised(
  "by least squares n^-1/2 where identify finds full rank at this truth; with two atoms, one of them without slope, and affine experts it does not (N6)",
);
const density: Statement = {
  ...normalisedExact,
  audited: null,
  reason: "stated for a density model in its dense regime; identify answers for this truth",
};
const normalisedSplit: Block = uniformBlock(normalisedExact, {
  overGate: { ...quartic(sharedPaper), published: null },
  overExpert: { ...quartic(sharedPaper), published: null },
  overMean: meanOfCell,
});

/** Gates that papers treat for densities, or not at all, as least squares sees them: Laplace, top-K and normalised sigmoid. Audited are combinations at which `identify` and
 *  `profile` were run (`other-gates.test.ts`); the rest is left open. */
export const otherGates: readonly TheoryEntry[] = [
  entry("laplace-identifiable", ["laplace"], ["strongly-identifiable"], laplacePaper, {
    exact: uniformBlock(laplaceExact),
    over: uniformBlock(laplaceOver, { exactGate: laplaceExact, exactExpert: laplaceExact }),
  }),
  entry("laplace-linear", ["laplace"], ["linear"], laplacePaper, {
    exact: uniformBlock(laplaceExact),
    over: uniformBlock(laplaceOver, { overExpert: laplaceFree }),
  }),
  entry("top-k-identifiable", ["top-k"], ["strongly-identifiable"], topKPaper, {
    exact: uniformBlock(topK),
    over: uniformBlock(topKOver),
  }),
  entry("normalised-sigmoid-identifiable", ["normalised-sigmoid"], ["strongly-identifiable"], sharedPaper, {
    exact: uniformBlock(normalisedExact),
    over: uniformBlock(density),
  }),
  entry(
    "normalised-sigmoid-flat-identifiable",
    ["normalised-sigmoid-flat"],
    ["strongly-identifiable"],
    sharedPaper,
    { exact: uniformBlock(normalisedExact), over: normalisedSplit },
  ),
  entry(
    "normalised-sigmoid-linear",
    ["normalised-sigmoid", "normalised-sigmoid-flat"],
    ["linear"],
    sharedPaper,
    {
      exact: uniformBlock(normalisedExact),
      over: uniformBlock(density),
    },
  ),
  entry("normalised-sigmoid", ["normalised-sigmoid", "normalised-sigmoid-flat"], all, sharedPaper, {
    exact: uniformBlock({ ...density, published: parametric(sharedPaper).published }),
    over: uniformBlock(density),
  }),
];
