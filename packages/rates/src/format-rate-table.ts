import type { RateRow } from "./rate-table.ts";

/** A rate with what a store knows about its design. */
export interface LabelledRate extends RateRow {
  /** Name of the fit, shown in the place of the design's id. */
  readonly fit?: string;
  /** True of fits whose starts all came from outside the search: optima near those starts, not the least-squares estimator. */
  readonly local?: boolean;
  /** Share of certified fits among the replicates of the design, 0 to 1. */
  readonly certifiedShare?: number | null;
  /** Share of studies whose interval contains the truth; 0.95 when absent. */
  readonly level?: number;
  /** What theory states, as published and as audited, with the verdict of the rows on it. */
  readonly published?: StatedLaw | null;
  readonly audited?: StatedLaw | null;
}

/** A statement of theory and the verdict on it. */
export interface StatedLaw {
  readonly statement: string;
  readonly verdict: string;
}

interface Column {
  title: string;
  align: "left" | "right";
  cell(row: LabelledRate): string;
}

const designColumn: Column = { title: "design", align: "left", cell: (row) => row.design };
const fitColumn: Column = { title: "fit", align: "left", cell: (row) => row.fit ?? row.design };
const certifiedColumn: Column = { title: "certified", align: "right", cell: certifiedCell };

const seriesColumns: readonly Column[] = [
  { title: "k", align: "right", cell: (row) => String(row.k) },
  { title: "loss", align: "left", cell: (row) => row.loss },
  { title: "component", align: "left", cell: (row) => row.component },
  { title: "statistic", align: "left", cell: (row) => row.statistic },
  { title: "fits", align: "left", cell: (row) => (row.local === true ? `${row.fits}, local` : row.fits) },
];

const publishedColumn: Column = {
  title: "published",
  align: "left",
  cell: ({ published }) => statedCell(published),
};
const auditedColumn: Column = { title: "audited", align: "left", cell: ({ audited }) => statedCell(audited) };
const slopeColumn: Column = { title: "slope ± se", align: "right", cell: slopeCell };
const intervalColumn = (title: string): Column => ({ title, align: "right", cell: intervalCell });

const pointColumns: readonly Column[] = [
  { title: "R2", align: "right", cell: (row) => fixed(row.r2) },
  { title: "points", align: "right", cell: (row) => String(row.points) },
  { title: "left out", align: "left", cell: leftOut },
];

/**
 * Text table of rates for a terminal: a header line and one line per row, columns two spaces apart, no trailing blanks, "-" where a number
 * does not exist. Columns in order: design (or fit, where rows carry names), k, loss, component, statistic, fits ("all, local" for local
 * fits), certified (where rows carry the share), slope ± se, 95 % interval, R2, points, left out (sizes without a usable statistic, missing
 * and invalid values, zeros among the used ones); after the interval what theory states, where rows carry it, each with its verdict. Rows keep their order.
 */
export function formatRateTable(rows: readonly LabelledRate[]): string {
  const columns = columnsFor(rows);
  const lines = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => column.cell(row))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  return lines
    .map((line) =>
      line
        .map((cell, index) => pad(cell, columns[index], widths[index]))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function columnsFor(rows: readonly LabelledRate[]): readonly Column[] {
  const named = rows.some((row) => row.fit !== undefined);
  const shared = rows.some((row) => row.certifiedShare !== undefined);
  return [
    named ? fitColumn : designColumn,
    ...seriesColumns,
    ...(shared ? [certifiedColumn] : []),
    slopeColumn,
    intervalColumn(intervalTitle(rows)),
    ...(rows.some(({ published }) => published) ? [publishedColumn] : []),
    ...(rows.some(({ audited }) => audited) ? [auditedColumn] : []),
    ...pointColumns,
  ];
}

function intervalTitle(rows: readonly LabelledRate[]): string {
  const [level = 0.95, ...others] = new Set(rows.map((row) => row.level ?? 0.95));
  return others.length > 0 ? "interval" : `${Number((100 * level).toPrecision(6))} % interval`;
}

function statedCell(law: StatedLaw | null | undefined): string {
  return law ? `${law.statement}: ${law.verdict}` : "-";
}

function pad(cell: string, { align }: Column, width: number): string {
  return align === "left" ? cell.padEnd(width) : cell.padStart(width);
}

/** Rounded towards zero, so that 100 % is every one. */
function certifiedCell({ certifiedShare }: LabelledRate): string {
  if (certifiedShare === null || certifiedShare === undefined) return "-";
  return certifiedShare === 1 ? "100 %" : `${(Math.floor(1000 * certifiedShare) / 10).toFixed(1)} %`;
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
