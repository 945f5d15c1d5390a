/**
 * View `cost`: time per design point, points without replicates included.
 *
 * Columns: design, k, n, design_point, replicates, wall_ms_total, wall_ms_median, wall_ms_max, cpu_ms_total, cpu_ms_median, cpu_ms_max,
 * replicates_per_core_second = replicates with a CPU time / (cpu_ms_total / 1000). Times are milliseconds, summed over replicates.
 */
export function costView(): string {
  return `CREATE OR REPLACE VIEW cost AS
  SELECT p.design, p.k, p.n, p.design_point, count(r.replicate)::INTEGER AS replicates,
    sum(r.wall_ms) AS wall_ms_total, median(r.wall_ms) AS wall_ms_median, max(r.wall_ms) AS wall_ms_max,
    sum(r.cpu_ms) AS cpu_ms_total, median(r.cpu_ms) AS cpu_ms_median, max(r.cpu_ms) AS cpu_ms_max,
    count(r.cpu_ms) / nullif(sum(r.cpu_ms) / 1000, 0) AS replicates_per_core_second
  FROM design_points p LEFT JOIN replicates r USING (design_point)
  GROUP BY p.design, p.k, p.n, p.design_point
  ORDER BY p.design, p.n`;
}
