import { perFits, perVariant, type SeriesVariant } from "./series-variants.ts";

/**
 * Common table expression `points` over the store: one row per design x k x loss x component x n, the four variants side by side.
 *
 * With usable values y_1 <= ... <= y_m of a choice of fits F (>= 0 and finite; DuckDB orders NaN above infinity): `m_F`, `top_F` = y_m,
 * `rest_F` = y_1 + ... + y_(m-1), `low_F` and `high_F` the two middle values (equal for odd m), and for odd m = 2h + 1 `below_F` = y_h,
 * `above_F` = y_(h+2). `value_V` and `log_V` are the statistic of variant V and its log, NULL when there is none. `held` lists the
 * replicates with their values; `rows_F`, `zeros_F`, `invalid_F` count. `series` numbers design x k x loss x component, `point` the rows.
 */
export function pointExpressions(): string {
  return `labelled AS (
    SELECT p.design, p.k, p.n, l.replicate, l.loss, l.component, l.value, coalesce(r.certified, false) AS certified,
      coalesce(l.value >= 0 AND l.value < 'Infinity'::DOUBLE, false) AS usable
    FROM losses l
    JOIN design_points p USING (design_point)
    LEFT JOIN replicates r USING (design_point, replicate)
  ),
  gathered AS (
    SELECT design, k, loss, component, n,
      list({replicate: replicate, value: CASE WHEN usable THEN value END, certified: certified}) AS held,
      list_sort(list(value) FILTER (usable)) AS y_all, list_sort(list(value) FILTER (usable AND certified)) AS y_certified,
      count(*) AS rows_all, count_if(certified) AS rows_certified,
      count_if(usable AND value = 0) AS zeros_all, count_if(usable AND value = 0 AND certified) AS zeros_certified,
      count_if(NOT usable) AS invalid_all, count_if(NOT usable AND certified) AS invalid_certified
    FROM labelled GROUP BY design, k, loss, component, n
  ),
  counted AS (
    SELECT *, ${perFits((fits) => `coalesce(len(y_${fits}), 0)::INTEGER AS m_${fits}`)} FROM gathered
  ),
  ordered AS (
    SELECT * EXCLUDE (y_all, y_certified),
      ${perFits(orderStatistics)}
    FROM counted
  ),
  valued AS (
    SELECT *, ${perVariant((v) => `${statisticOf(v)} AS value_${v.name}`)} FROM ordered
  ),
  points AS MATERIALIZED (
    SELECT *, ${perVariant(({ name }) => `${logOrNull(`value_${name}`)} AS log_${name}`)},
      dense_rank() OVER (ORDER BY design, k, loss, component) AS series,
      row_number() OVER (ORDER BY design, k, loss, component, n) AS point
    FROM valued
  )`;
}

/**
 * Common table expression `leave_one_out` over `points`: one row per loss row, with `log_V`, the statistic's log at its size, `without_V`,
 * the same without this replicate (formulas: `logStatistic`), and `used_F`, whether the value counts under that choice of fits.
 *
 * `columns` are further columns of `points` to carry along.
 */
export function leaveOneOutExpression(columns: string): string {
  return `members AS (
    SELECT * EXCLUDE (member), member.replicate AS replicate, member.value AS y,
      member.value IS NOT NULL AS used_all, member.value IS NOT NULL AND member.certified AS used_certified
    FROM (SELECT * EXCLUDE (held), unnest(held) AS member FROM points)
  ),
  leave_one_out AS (
    SELECT ${columns}, replicate, used_all, used_certified, m_all, m_certified,
      ${perVariant(({ name }) => `log_${name}`)},
      ${perVariant((v) => `${logOrNull(withoutOne(v))} AS without_${v.name}`)}
    FROM members
  )`;
}

/** Natural log of a positive finite SQL number, otherwise NULL. */
function logOrNull(value: string): string {
  return `CASE WHEN ${value} > 0 AND ${value} < 'Infinity'::DOUBLE THEN ln(${value}) END`;
}

function orderStatistics(fits: string): string {
  const [y, m] = [`y_${fits}`, `m_${fits}`];
  return `${y}[${m}] AS top_${fits}, coalesce(list_sum(${y}[1:${m} - 1]), 0) AS rest_${fits},
      ${y}[(${m} + 1) // 2] AS low_${fits}, ${y}[${m} // 2 + 1] AS high_${fits},
      CASE WHEN ${m} % 2 = 1 THEN ${y}[${m} // 2] END AS below_${fits}, CASE WHEN ${m} % 2 = 1 THEN ${y}[${m} // 2 + 2] END AS above_${fits}`;
}

function statisticOf({ statistic, fits }: SeriesVariant): string {
  return statistic === "mean"
    ? `(rest_${fits} + top_${fits}) / m_${fits}`
    : `(low_${fits} + high_${fits}) / 2`;
}

function withoutOne({ statistic, fits: f }: SeriesVariant): string {
  if (statistic === "mean") {
    return `(CASE WHEN m_${f} > 1 THEN (CASE WHEN y < top_${f} THEN top_${f} + (rest_${f} - y) ELSE rest_${f} END) / (m_${f} - 1) END)`;
  }
  return `(CASE WHEN m_${f} < 2 THEN NULL
        WHEN m_${f} % 2 = 0 THEN CASE WHEN y <= low_${f} THEN high_${f} ELSE low_${f} END
        WHEN y < low_${f} THEN (low_${f} + above_${f}) / 2
        WHEN y > low_${f} THEN (below_${f} + low_${f}) / 2
        ELSE (below_${f} + above_${f}) / 2 END)`;
}
