import type { RateRow } from "./rate-table.ts";

interface Column {
  title: string;
  align: "left" | "right";
  cell(row: RateRow): string;
}

const columns: readonly Column[] = [
  { title: "design", align: "left", cell: (row) => row.design },
  { title: "k", align: "right", cell: (row) => String(row.k) },
  { title: "loss", align: "left", cell: (row) => row.loss },
  { title: "component", align: "left", cell: (row) => row.component },
  { title: "statistic", align: "left", cell: (row) => row.statistic },
  { title: "fits", align: "left", cell: (row) => row.fits },
  { title: "slope ± se", align: "right", cell: slopeCell },
  { title: "95 % interval", align: "right", cell: intervalCell },
  { title: "R2", align: "right", cell: (row) => fixed(row.r2) },
  { title: "points", align: "right", cell: (row) => String(row.points) },
  { title: "left out", align: "left", cell: leftOut },
];

/**
 * Text table of rates for a terminal: a header line and one line per row, columns two spaces apart, no trailing blanks, "-" where a number
 * does not exist. Columns in order: design, k, loss, component, statistic, fits, slope ± se, 95 % interval, R2, points, left out (sizes
 * without a usable statistic, missing and invalid values, zeros among the used ones). Rows keep their order.
 */
export function formatRateTable(rows: readonly RateRow[]): string {
  const lines = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((c) => c.cell(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  return lines
    .map((line) =>
      line
        .map((cell, index) => pad(cell, index, widths))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function pad(cell: string, index: number, widths: readonly number[]): string {
  const width = widths[index];
  return columns[index].align === "left" ? cell.padEnd(width) : cell.padStart(width);
}

function slopeCell(row: RateRow): string {
  return row.slope === null ? "-" : `${fixed(row.slope)} ± ${fixed(row.standardError)}`;
}

function intervalCell(row: RateRow): string {
  return row.ci === null ? "-" : `[${fixed(row.ci[0])}, ${fixed(row.ci[1])}]`;
}

function fixed(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}

function leftOut(row: RateRow): string {
  const sizes = row.sizes - row.points;
  const parts = [
    sizes > 0 ? `${sizes} of ${row.sizes} sizes` : "",
    row.missing > 0 ? `${row.missing} missing` : "",
    row.invalid > 0 ? `${row.invalid} invalid` : "",
    row.zeros > 0 ? `(${row.zeros} zeros used)` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}
