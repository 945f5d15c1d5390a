import type { ReplicateRow } from "@moe-rates/study";
import type { StoredRow } from "./stored-rows.ts";

type Value = number | string | boolean | null | undefined;

/** A result that came out otherwise than it is stored; undefined where it is absent. */
export interface RowDifference {
  /** `sse`, `theta[3]`, `atom 0 beta0`, `voronoi-d1 total`. */
  readonly column: string;
  readonly stored: Value;
  readonly now: Value;
}

const columns = [
  "status",
  "certified",
  "local",
  "sse",
  "sseTruth",
  "cosine",
  "predictedReduction",
  "minEigenvalue",
  "flatDirections",
  "activeBounds",
  "starts",
  "optima",
  "reachedBest",
  "iterations",
  "evaluations",
  "tightenedChange",
  "audited",
  "beaten",
] as const satisfies readonly (keyof StoredRow)[];

/** Every result in which a recomputed replicate differs from the stored one, bit for bit: 0 and -0 differ, NaN equals NaN. Losses are compared
 *  where the file and the study both have them. */
export function compareRows(stored: StoredRow, now: ReplicateRow): RowDifference[] {
  const found: RowDifference[] = [];
  const compare = (column: string, before: Value, after: Value): void => {
    if (!Object.is(before, after)) found.push({ column, stored: before, now: after });
  };
  for (const column of columns) compare(column, stored[column], now[column]);
  compare("failure", stored.failure?.kind, now.failure?.kind);
  const parameters = Math.max(stored.theta.length, now.theta.length);
  for (let i = 0; i < parameters; i++) compare(`theta[${i}]`, stored.theta[i], now.theta[i]);
  compareValues(atomValues(stored), atomValues(now), compare);
  const shared = new Set(now.losses.map(({ loss }) => loss));
  const both = new Set(stored.losses.map(({ loss }) => loss).filter((loss) => shared.has(loss)));
  compareValues(lossValues(stored, both), lossValues(now, both), compare);
  return found;
}

function compareValues(
  before: ReadonlyMap<string, Value>,
  after: ReadonlyMap<string, Value>,
  compare: (column: string, before: Value, after: Value) => void,
): void {
  for (const name of new Set([...before.keys(), ...after.keys()]))
    compare(name, before.get(name), after.get(name));
}

function atomValues({ atoms }: Pick<StoredRow, "atoms">): Map<string, Value> {
  return new Map(
    atoms.flatMap(({ atom, cell, parameter, value }) => [
      [`atom ${atom} ${parameter}`, value],
      [`atom ${atom} cell`, cell],
    ]),
  );
}

function lossValues({ losses }: Pick<StoredRow, "losses">, among: ReadonlySet<string>): Map<string, Value> {
  return new Map(
    losses
      .filter(({ loss }) => among.has(loss))
      .map(({ loss, component, value }) => [`${loss} ${component}`, value]),
  );
}

/** `sse: stored 1.25, now 1.5`. */
export function formatRowDifference({ column, stored, now }: RowDifference): string {
  const show = (value: Value): string =>
    value === undefined ? "nothing" : Object.is(value, -0) ? "-0" : String(value);
  return `${column}: stored ${show(stored)}, now ${show(now)}`;
}
