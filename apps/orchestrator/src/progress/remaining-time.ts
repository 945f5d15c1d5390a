/** Work at one design point: predicted milliseconds of a replicate, and how many are still to do. */
export interface PointWork {
  readonly designPoint: string;
  readonly design: string;
  readonly cost: number;
  readonly pending: number;
}

/** Predicts the time left from predicted costs, corrected by what finished replicates really took. */
export interface RemainingTime {
  finished(designPoint: string, wallMs: number): void;
  /** Share of the predicted cost that is done, 0 to 1. */
  share(): number;
  /** Milliseconds left on `threads` workers. */
  milliseconds(threads: number): number;
}

interface Tally extends PointWork {
  done: number;
  spentMs: number;
}

/** Expected time of a replicate: the mean of its own design point; without one, predicted cost times what a unit of cost took in the
 *  same design, or else in the whole run, or else the prediction itself. */
export function createRemainingTime(points: readonly PointWork[]): RemainingTime {
  const tallies = new Map<string, Tally>(
    points.map((point) => [point.designPoint, { ...point, done: 0, spentMs: 0 }]),
  );
  const all = [...tallies.values()];
  const totalCost = all.reduce((sum, point) => sum + point.cost * point.pending, 0);
  const perCost = (some: readonly Tally[]): number | null => {
    const cost = some.reduce((sum, point) => sum + point.cost * point.done, 0);
    return cost > 0 ? some.reduce((sum, point) => sum + point.spentMs, 0) / cost : null;
  };
  return {
    finished(designPoint, wallMs) {
      const tally = tallies.get(designPoint);
      if (tally === undefined) return;
      tally.done += 1;
      tally.spentMs += wallMs;
    },
    share() {
      const done = all.reduce((sum, point) => sum + point.cost * Math.min(point.done, point.pending), 0);
      return totalCost > 0 ? done / totalCost : 1;
    },
    milliseconds(threads) {
      const overall = perCost(all) ?? 1;
      const ofDesign = new Map<string, number>();
      for (const design of new Set(all.map((point) => point.design))) {
        ofDesign.set(design, perCost(all.filter((point) => point.design === design)) ?? overall);
      }
      let total = 0;
      for (const point of all) {
        const left = Math.max(0, point.pending - point.done);
        if (left === 0) continue;
        total +=
          left *
          (point.done > 0
            ? point.spentMs / point.done
            : point.cost * (ofDesign.get(point.design) ?? overall));
      }
      return total / threads;
    },
  };
}
