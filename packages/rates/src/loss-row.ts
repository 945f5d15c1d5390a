/** One loss value of one replicate, in long form: what a store's `losses` table holds after joining its design point and replicate. */
export interface LossRow {
  /** Everything that determines the numbers except n. Rows of different designs never meet in one regression. */
  design: string;
  /** Number of fitted atoms. */
  k: number;
  /** Sample size, a positive number. */
  n: number;
  /** Replicate index. The same index at two sizes is the same replicate, whose samples may overlap. */
  replicate: number;
  /** Whether the fit proved to be the global least-squares estimator. */
  certified: boolean;
  loss: string;
  /** `total` or a part of the loss. */
  component: string;
  /** Zero and positive values are used; anything else is counted as invalid and left out. */
  value: number | null;
}

/** How the replicates of one sample size become one number: `q0.9` is the 90 % quantile (linear interpolation, type 7). */
export type Statistic = "mean" | "median" | `q${number}`;

/** Which replicates count: every one, or the certified ones. */
export type Fits = "all" | "certified";

/** Level p of a quantile statistic (0.5 of the median), `null` for the mean. Throws a RangeError when p is not inside (0, 1). */
export function quantileLevel(statistic: Statistic): number | null {
  if (statistic === "mean") return null;
  const level = statistic === "median" ? 0.5 : Number(statistic.slice(1));
  if (!(level > 0 && level < 1)) {
    throw new RangeError(
      `unknown statistic "${statistic}"; known: mean, median, and quantiles such as q0.9 between q0 and q1`,
    );
  }
  return level;
}

/** The statistics that the views of a store hold. */
export const statistics = ["mean", "median"] as const satisfies readonly Statistic[];
export const fitsChoices = ["all", "certified"] as const satisfies readonly Fits[];
