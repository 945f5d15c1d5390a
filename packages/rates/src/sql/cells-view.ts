/**
 * View `cells`: how often each vector of Voronoi cell sizes occurs per design point; the loss changes its exponents between them.
 *
 * Columns: design, k, n, design_point, fits, cell_sizes (INTEGER[], entry j = fitted atoms in the cell of true atom j), replicates, share.
 * `share` is of the replicates of that design point and choice of fits that have cells at all. The list is as long as the highest cell
 * seen anywhere in the design; atoms without a cell are left out.
 */
export function cellsView(): string {
  return `CREATE OR REPLACE VIEW cells AS
  WITH occupied AS (
    SELECT design_point, replicate, cell, count(DISTINCT atom)::INTEGER AS size FROM atoms WHERE cell IS NOT NULL GROUP BY ALL
  ),
  widths AS (
    SELECT p.design, max(o.cell) AS last_cell FROM occupied o JOIN design_points p USING (design_point) GROUP BY p.design
  ),
  vectors AS (
    SELECT design_point, replicate, map_from_entries(list((cell, size))) AS sizes FROM occupied GROUP BY ALL
  ),
  labelled AS (
    SELECT p.design, p.k, p.n, p.design_point, coalesce(r.certified, false) AS certified,
      list_transform(range(0, w.last_cell + 1), lambda j: coalesce(v.sizes[j], 0)) AS cell_sizes
    FROM vectors v
    JOIN design_points p USING (design_point)
    JOIN widths w USING (design)
    LEFT JOIN replicates r USING (design_point, replicate)
  ),
  admitted AS (
    SELECT *, 'all' AS fits FROM labelled
    UNION ALL
    SELECT *, 'certified' AS fits FROM labelled WHERE certified
  )
  SELECT design, k, n, design_point, fits, cell_sizes, count(*)::INTEGER AS replicates,
    count(*) / sum(count(*)) OVER (PARTITION BY design_point, fits) AS share
  FROM admitted
  GROUP BY design, k, n, design_point, fits, cell_sizes
  ORDER BY design, n, fits, replicates DESC, cell_sizes`;
}
