import { bootstrapMacro } from "./bootstrap-macro.ts";
import { cellsView } from "./cells-view.ts";
import { comparisonsView, sampleSizeRatiosView } from "./comparisons-view.ts";
import { convergenceView } from "./convergence-view.ts";
import { costView } from "./cost-view.ts";
import { errorSplitView } from "./error-split-view.ts";
import { localSlopesView } from "./local-slopes-view.ts";
import { lossPointsView } from "./loss-points-view.ts";
import { ratesView } from "./rates-view.ts";

/**
 * All views of a store, and the macro `bootstrap_rates`; running them again replaces them.
 *
 * They read the tables design_points(design_point, design, n, k), replicates(design_point, replicate, status, certified, local, audited,
 * beaten, tightened_change, wall_ms, cpu_ms), losses(design_point, replicate, loss, component, value), atoms(design_point, replicate, atom, cell) and
 * t_quantiles(df, p, t), which must exist; other columns are welcome. Plain DuckDB evaluates them, nothing of ours is called.
 */
export function storeViews(): string[] {
  return [
    lossPointsView(),
    ratesView(),
    localSlopesView(),
    cellsView(),
    convergenceView(),
    costView(),
    comparisonsView(),
    sampleSizeRatiosView(),
    errorSplitView(),
    bootstrapMacro(),
  ];
}
