import { basename } from "node:path";
import type { Json } from "@duckdb/node-api";
import type { ResolvedStudy } from "@moe-rates/study";
import { readJudgedRates } from "../inference/judged-rates.ts";
import { readComparisons } from "../inference/read-comparisons.ts";
import type { NamedComparison } from "../inference/read-comparisons.ts";
import { ownVersion } from "../provenance.ts";
import { rowObjects } from "../store/query-result.ts";
import type { QueryResult } from "../store/query-result.ts";
import { ratesSql, readRates } from "../store/read-rates.ts";
import type { NamedRate } from "../store/read-rates.ts";
import type { StudyStatus } from "../store/read-status.ts";
import { groupBy } from "./group-by.ts";
import { isError } from "./loss-series-groups.ts";
import type { AtomFacts, LossPointFacts, ReplicateValue, ReportData, ReportDesign } from "./report-data.ts";
import {
  cellsSql,
  costSql,
  designsSql,
  firstAtomsSql,
  firstLossesSql,
  lossPointsSql,
  runsSql,
  searchSql,
  studySql,
  uncertifiedSql,
} from "./report-sql.ts";

/** Where a report takes its facts from: a file, or the process that runs on it. */
export interface ReportSource {
  status(): Promise<StudyStatus>;
  query(sql: string): Promise<QueryResult>;
}

type Row = Record<string, Json>;

/** Most marks of single replicates on all figures of one kind together: what a browser draws at once. */
const mostMarks = 6000;

/** Reads everything a report shows. The size of the answer is bounded by the number of design points, not of replicates. */
export async function readReport(source: ReportSource, file: string): Promise<ReportData> {
  const rows = async (sql: string): Promise<Row[]> => rowObjects(await source.query(sql));
  const status = await source.status();
  const points = await rows(lossPointsSql);
  const fittedAtoms = status.points.reduce((sum, point) => sum + point.k, 0);
  const shownReplicates = {
    losses: replicatesPerPoint(points.length, 30),
    atoms: replicatesPerPoint(2 * fittedAtoms, 60),
  };
  const [study] = await rows(studySql);
  const designs = (await rows(designsSql)).map(designOf);
  const rates = await readRates(await source.query(ratesSql));
  const place = new Map(designs.map(({ design }, index) => [design, index]));
  /** In the order of the designs; the sizes of one keep theirs. */
  const inOrder = (own: readonly Row[]): Row[] =>
    own.toSorted((a, b) => placeOf(place, a) - placeOf(place, b));
  return {
    database: basename(file),
    version: ownVersion(),
    written: new Date().toISOString().slice(0, 16).replace("T", " "),
    status,
    study:
      typeof study?.["definition"] === "string" ? (JSON.parse(study["definition"]) as ResolvedStudy) : null,
    designs,
    rates,
    comparisons: await comparisonsOf(source, designs),
    judged: await readJudgedRates((sql) => source.query(sql), { rates, keep: isShownFirst }),
    points: withReplicates(points, await rows(firstLossesSql(shownReplicates.losses))),
    atoms: (await rows(firstAtomsSql(shownReplicates.atoms))).map(atomOf),
    cells: inOrder(await rows(cellsSql)).map((row) => ({
      design: String(row["design"]),
      n: Number(row["n"]),
      cellSizes: (row["cell_sizes"] as Json[]).map(Number),
      replicates: Number(row["replicates"]),
      share: Number(row["share"]),
    })),
    search: inOrder(await rows(searchSql)).map((row) => ({
      ...sizeOf(row),
      certified: Number(row["certified"]),
      audited: Number(row["audited"]),
      beaten: Number(row["beaten"]),
      medianOptima: numberOrNull(row["median_optima"]),
      medianStarts: numberOrNull(row["median_starts"]),
      medianReachedBest: numberOrNull(row["median_reached_best"]),
    })),
    uncertified: inOrder(await rows(uncertifiedSql)).map((row) => ({
      ...sizeOf(row),
      reason: String(row["reason"]),
      example: Number(row["example"]),
    })),
    cost: inOrder(await rows(costSql)).map((row) => ({
      ...sizeOf(row),
      cpuMsTotal: numberOrNull(row["cpu_ms_total"]),
      cpuMsMedian: numberOrNull(row["cpu_ms_median"]),
      cpuMsMax: numberOrNull(row["cpu_ms_max"]),
    })),
    runs: (await rows(runsSql)) as ReportData["runs"],
    shownReplicates,
  };
}

async function comparisonsOf(
  source: ReportSource,
  designs: readonly ReportDesign[],
): Promise<NamedComparison[]> {
  if (new Set(designs.map(({ fit }) => fit)).size < 2) return [];
  return (await readComparisons((sql) => source.query(sql))).filter(({ fitA, fitB }) => fitA !== fitB);
}

function isShownFirst({ statistic, fits, component }: NamedRate): boolean {
  return statistic === "median" && fits === "all" && (component === "total" || isError(component));
}

function replicatesPerPoint(groups: number, most: number): number {
  return Math.min(most, Math.max(4, Math.floor(mostMarks / Math.max(groups, 1))));
}

function placeOf(place: ReadonlyMap<string, number>, row: Row): number {
  return place.get(String(row["design"])) ?? place.size;
}

function sizeOf(row: Row): { design: string; n: number; replicates: number } {
  return { design: String(row["design"]), n: Number(row["n"]), replicates: Number(row["replicates"]) };
}

function designOf(row: Row): ReportDesign {
  return {
    design: String(row["design"]),
    fit: String(row["fit"]),
    k: Number(row["k"]),
    trueAtoms: Number(row["true_atoms"]),
    gating: String(row["gating"]),
    expert: String(row["expert"]),
  };
}

function atomOf(row: Row): AtomFacts {
  const values = row["parameter_values"] as Json[];
  return {
    design: String(row["design"]),
    n: Number(row["n"]),
    replicate: Number(row["replicate"]),
    atom: Number(row["atom"]),
    cell: numberOrNull(row["cell"]),
    values: Object.fromEntries(
      (row["parameters"] as Json[]).map((parameter, index) => [String(parameter), Number(values[index])]),
    ),
  };
}

/** The points with the replicates that are drawn: the first ones and the two extremes, ascending and each once. */
function withReplicates(points: readonly Row[], first: readonly Row[]): LossPointFacts[] {
  const groups = groupBy(first, keyOf);
  return points.map((row) => {
    const shown = new Map<number, ReplicateValue>();
    for (const one of groups.get(keyOf(row)) ?? []) shown.set(Number(one["replicate"]), replicateOf(one, ""));
    for (const which of ["lowest_", "highest_"]) {
      const extreme = replicateOf(row, which);
      shown.set(extreme.replicate, extreme);
    }
    return {
      ...sizeOf(row),
      loss: String(row["loss"]),
      component: String(row["component"]),
      median: Number(row["median"]),
      low: numberOrNull(row["low"]),
      high: numberOrNull(row["high"]),
      shown: [...shown.values()].sort((a, b) => a.replicate - b.replicate),
    };
  });
}

function keyOf(row: Row): string {
  return JSON.stringify([row["design"], row["loss"], row["component"], row["n"]]);
}

function replicateOf(row: Row, which: string): ReplicateValue {
  return {
    replicate: Number(row[`${which}replicate`]),
    value: Number(row[`${which}value`]),
    certified: row[`${which}certified`] === true,
  };
}

function numberOrNull(value: Json | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
