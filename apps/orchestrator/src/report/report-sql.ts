/** Designs of the file in the order of the rate table. */
export const designsSql = `SELECT design, fit, k, true_atoms, gating, expert FROM designs ORDER BY fit, k, design`;

/** The study as it was resolved last. */
export const studySql = "SELECT definition FROM studies ORDER BY revision DESC LIMIT 1";

/** Rows of `losses` that have a logarithm or are zero, with their design, size and certificate. */
const usable = `usable AS (
    SELECT p.design, p.n, l.loss, l.component, l.replicate, l.value, coalesce(r.certified, false) AS certified
    FROM losses l JOIN design_points p USING (design_point) LEFT JOIN replicates r USING (design_point, replicate)
    WHERE l.value >= 0 AND l.value < 'Infinity'::DOUBLE
  )`;

/** SQL of the rank l of the lower end of a median's interval among m values in order: floor(m/2 - 0.98 sqrt(m) + 1/2), at least 1. The binomial law
 *  (m, 1/2) gives [y_l, y_(m+1-l)] a coverage of 95 % or more for every m from 6 to 1,000. */
export const lowerRankSql = "greatest(1, floor(m / 2 - 0.98 * sqrt(m) + 0.5))::INTEGER";

/**
 * One row per design, n, loss and component: m usable values y_1 <= ... <= y_m, their median, and the distribution-free interval of the
 * median [y_l, y_(m+1-l)]; none below m = 6, where no interval reaches 95 %. `lowest` and `highest` are the replicates with the extreme losses.
 */
export const lossPointsSql = `WITH ${usable},
  gathered AS (
    SELECT design, n, loss, component, count(*)::INTEGER AS m, list_sort(list(value)) AS y,
      min({v: value, r: replicate, c: certified}) AS lowest, max({v: value, r: replicate, c: certified}) AS highest
    FROM usable GROUP BY design, n, loss, component
  ),
  ranked AS (
    SELECT *, ${lowerRankSql} AS l FROM gathered
  )
  SELECT design, n, loss, component, m AS replicates, (y[(m + 1) // 2] + y[m // 2 + 1]) / 2 AS median,
    CASE WHEN m >= 6 THEN y[l] END AS low, CASE WHEN m >= 6 THEN y[m + 1 - l] END AS high,
    lowest.v AS lowest_value, lowest.r AS lowest_replicate, lowest.c AS lowest_certified,
    highest.v AS highest_value, highest.r AS highest_replicate, highest.c AS highest_certified
  FROM ranked ORDER BY design, loss, component, n`;

/** The usable losses of the replicates below `count`. */
export function firstLossesSql(count: number): string {
  return `WITH ${usable}
  SELECT * FROM usable WHERE replicate < ${count} ORDER BY design, loss, component, n, replicate`;
}

/** The fitted atoms of the replicates below `count`, one row per atom with its parameters side by side as a map. */
export function firstAtomsSql(count: number): string {
  return `SELECT p.design, p.n, a.replicate, a.atom, min(a.cell) AS cell, list(a.parameter ORDER BY a.parameter) AS parameters,
    list(a.value ORDER BY a.parameter) AS parameter_values
  FROM atoms a JOIN design_points p USING (design_point) WHERE a.replicate < ${count}
  GROUP BY p.design, p.n, a.replicate, a.atom ORDER BY p.design, p.n, a.replicate, a.atom`;
}

/** Vectors of Voronoi cell sizes. */
export const cellsSql = `SELECT design, n, cell_sizes, replicates, share FROM cells WHERE fits = 'all' ORDER BY design, n, cell_sizes`;

/** What the search found per design point. */
export const searchSql = `SELECT p.design, p.n, count(r.replicate)::INTEGER AS replicates, count_if(r.certified)::INTEGER AS certified,
    count_if(r.audited)::INTEGER AS audited, count_if(coalesce(r.beaten, false))::INTEGER AS beaten,
    median(r.optima) AS median_optima, median(r.starts) AS median_starts, median(r.reached_best) AS median_reached_best
  FROM design_points p LEFT JOIN replicates r USING (design_point) GROUP BY p.design, p.n ORDER BY p.design, p.n`;

/** Replicates without a certificate by the first reason that applies, in the order of the certificate's own checks. */
export const uncertifiedSql = `WITH reasons AS (
    SELECT p.design, p.n, r.replicate, CASE
      WHEN f.replicate IS NOT NULL THEN 'failed: ' || f.kind
      WHEN r.local THEN 'local fit: every start was given from outside the search'
      WHEN r.status <> 'converged' THEN 'the optimiser stopped with ' || r.status
      WHEN r.reached_best < 2 THEN 'fewer than two independent starts reached the best basin'
      WHEN r.tightened_change > 0.01 THEN 'tighter tolerances move the sum of squares'
      WHEN r.cosine > 1e-4 OR r.predicted_reduction > 1e-3 THEN 'not stationary'
      WHEN r.min_eigenvalue < -1e-5 THEN 'negative curvature'
      WHEN r.sse > r.sse_truth THEN 'sum of squares above that of the truth'
      ELSE 'the loss moves under tighter tolerances' END AS reason
    FROM replicates r JOIN design_points p USING (design_point) LEFT JOIN failures f USING (design_point, replicate)
    WHERE NOT r.certified
  )
  SELECT design, n, reason, count(*)::INTEGER AS replicates, min(replicate) AS example
  FROM reasons GROUP BY design, n, reason ORDER BY design, n, replicates DESC, reason`;

/** Time per design point. */
export const costSql =
  "SELECT design, n, replicates, cpu_ms_total, cpu_ms_median, cpu_ms_max FROM cost ORDER BY design, n";

/** What every run rests on. */
export const runsSql = `SELECT run, started::VARCHAR AS started, finished::VARCHAR AS finished, outcome, version, source_commit, node, duckdb, platform,
    cpu, cores, engine, kernel_hash, plugins, threads FROM runs ORDER BY run`;
