/**
 * View `convergence`: what became of the replicates of each design point, points without replicates included.
 *
 * Columns: design, k, n, design_point, replicates, statuses (MAP status -> count), converged, certified, certified_share, local, audited,
 * beaten, beaten_share. `beaten_share` = beaten / audited is the measured failure rate of the global search; shares are NULL without a base.
 */
export function convergenceView(): string {
  return `CREATE OR REPLACE VIEW convergence AS
  WITH counts AS (
    SELECT p.design, p.k, p.n, p.design_point, count(r.replicate)::INTEGER AS replicates,
      coalesce(histogram(r.status), MAP {}) AS statuses,
      count(*) FILTER (r.status = 'converged')::INTEGER AS converged, count(*) FILTER (r.certified)::INTEGER AS certified,
      count(*) FILTER (r.local)::INTEGER AS local, count(*) FILTER (r.audited)::INTEGER AS audited, count(*) FILTER (r.beaten)::INTEGER AS beaten
    FROM design_points p LEFT JOIN replicates r USING (design_point)
    GROUP BY p.design, p.k, p.n, p.design_point
  )
  SELECT design, k, n, design_point, replicates, statuses, converged, certified,
    certified / nullif(replicates, 0) AS certified_share, local, audited, beaten, beaten / nullif(audited, 0) AS beaten_share
  FROM counts ORDER BY design, n`;
}
