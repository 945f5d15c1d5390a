/**
 * SQL of the delete-one jackknife standard error over `column` in the rows with `used`, one row per replicate:
 * sqrt((M - 1)/M sum (b_(-r) - b~)^2), which is sqrt((M - 1) var_pop); NULL with M < 2 or when some b_(-r) is NULL.
 * Formula and source: `jackknifeStandardError`.
 */
export function jackknifeError(column: string, used: string): string {
  const [replicates, known] = [`count(*) FILTER (${used})`, `count(${column}) FILTER (${used})`];
  return `CASE WHEN ${replicates} >= 2 AND ${known} = ${replicates}
        THEN sqrt((${replicates} - 1) * var_pop(${column}) FILTER (${used})) END`;
}

/**
 * SQL join that adds `q.t`, the 97.5 % t quantile of the largest tabulated df <= M - 1 (NULL below one degree of freedom).
 * `replicates` is the column with M.
 */
export function tQuantileJoin(replicates: string): string {
  return `ASOF LEFT JOIN (SELECT df, t FROM t_quantiles WHERE p = 0.975) q ON ${replicates} - 1 >= q.df`;
}
