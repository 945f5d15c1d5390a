import type { TrainingPlan } from "@moe-rates/estimators";
import type { ExpertSpec, GatingSpec, NamedAtom } from "@moe-rates/mixture";

export type { TrainingPlan } from "@moe-rates/estimators";
export type { ExpertSpec, GatingSpec, NamedAtom } from "@moe-rates/mixture";

/** Law of x in R^dim. Coordinates are independent except on the sphere; covariates are rows drawn from a file of real data. */
export type InputSpec =
  | { law: "uniform"; low: number; high: number; dim: number }
  | { law: "normal"; mean?: number; sd?: number; dim: number }
  | { law: "sphere"; dim: number; radius?: number }
  /** `hash` is the content hash of the file, filled in by whoever reads it. */
  | { law: "covariates"; file: string; columns: string[]; hash?: string };

/** How many starts each policy contributes. The radius of near-truth starts does not shrink with n: see `nearTruthStarts`. */
export interface StartSpec {
  "near-truth"?: { radius: number; count: number };
  random?: number;
  "k-means"?: number;
  split?: number;
  add?: number;
  around?: number;
}

/** One fitted model, families in the long form with every option: a list of k in the file becomes one of these per k. */
export interface FitSpec {
  name: string;
  /** Fitted atoms k, with two levels in each group. */
  atoms: number;
  gating: GatingSpec;
  expert: ExpertSpec;
  /** Bound B of the compact set: |eta| <= B; gates within B of the mean gate (softmax) or of zero (no gauge). */
  box: number;
  starts: StartSpec;
  /** Training by stochastic gradients from starts near the truth; least squares when absent. */
  estimator?: TrainingPlan;
}

/** The data-generating side of a study, families in the long form with every option: Y = f_{G*}(X) + sd N(0, 1). */
export interface TruthSpec {
  gating: GatingSpec;
  expert: ExpertSpec;
  input: InputSpec;
  noise: { sd: number };
  /** With two levels those of all groups, group after group, equally many in each. */
  atoms: NamedAtom[];
  /** Two levels: the gate of each group, {a, b}. */
  groups?: NamedAtom[];
}

/** Precision that replicates are added for, round by round. */
export interface ReplicateTarget {
  /** Half-width of the slope's 95 % interval to reach, for every design. */
  slopeHalfWidth: number;
  /** The series whose slope it is. */
  loss: string;
  component: string;
  statistic: "mean" | "median";
  /** Most replicates at a sample size. */
  max: number;
}

/** A study file with every default filled in. */
export interface ResolvedStudy {
  name: string;
  /** Non-negative safe integer, first part of every random stream's key. */
  seed: number;
  truth: TruthSpec;
  fits: FitSpec[];
  /** Strictly increasing. */
  sampleSizes: number[];
  /** Replicates at every sample size; those of the first round where there is a `target`. */
  replicates: number;
  target?: ReplicateTarget;
  /** Sample n of a replicate is the first n draws of that replicate. */
  nested: boolean;
  /** All fits of the study see the same data. */
  commonRandomNumbers: boolean;
  losses: string[];
}
