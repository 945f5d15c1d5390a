import type { NamedAtom } from "@moe-rates/mixture";
import type { DataFit, FitDataRequest } from "@moe-rates/study";
import { alignedTable } from "../command-line/print-result.ts";
import { formatDuration } from "../progress/format.ts";

/** The object of `fit --json`. */
export function fitObject(
  { result, atoms, shared, groups, wallMs }: DataFit,
  n: number,
  engine: string,
): Record<string, unknown> {
  const { status, certified, sse, iterations, certificate } = result;
  const { cosine, starts, ...proof } = certificate;
  return {
    status,
    certified,
    sse,
    n,
    atoms,
    ...(groups ? { groups } : {}),
    ...Object.fromEntries(scalarsOf(shared)),
    cosine,
    iterations,
    starts,
    wallMs,
    engine,
    local: result.local,
    certificate: proof,
  };
}

/** The fit as text: what is known about it, and its atoms as a table. */
export function fitText(
  { result, atoms, shared, groups, wallMs }: DataFit,
  request: FitDataRequest,
  columns: readonly string[],
  engine: string,
): string {
  const { certificate, sse, status, certified } = result;
  const n = request.y.length;
  const lines: Line[] = [
    ["data", `n = ${n}, inputs ${columns.join(", ")}`],
    ["status", statusText(status, result.local)],
    ...(certified
      ? [line("certified", "yes: the global minimum over the box, as far as the search can tell")]
      : reasonsOf(result).map((reason, index) =>
          line(index === 0 ? "certified" : "", `${index === 0 ? "NO: " : "    "}${reason}`),
        )),
    ...certificate.activeBounds.map((name, index) =>
      line(index === 0 ? "at the box" : "", boundText(name, atoms, columns, request.box)),
    ),
    ...(certificate.flatDirections === 0
      ? []
      : [
          line(
            "flat directions",
            `${certificate.flatDirections}: the sum of squares does not change along them to second order`,
          ),
        ]),
    ["sum of squares", `${sse.toPrecision(10)} (residual sd ${Math.sqrt(sse / n).toPrecision(4)})`],
    ...scalarsOf(shared).map(([name, value]) => line(name, String(Number(value.toPrecision(6))))),
    ["cosine", certificate.cosine.toExponential(2)],
    [
      "starts",
      `${certificate.starts}, ${certificate.reachedBest} reached the best of ${certificate.optima} optima`,
    ],
    ["effort", `${result.iterations} iterations, ${formatDuration(wallMs)}, ${engine}`],
  ];
  const owners = groups?.flatMap((group, g) => group.atoms.map(() => g + 1));
  const tables = [
    ...(shared.groups ? [parameterTable("group", shared.groups, columns)] : []),
    parameterTable("atom", atoms, columns, owners),
  ];
  return [...lines.map(([name, value]) => `${name.padEnd(15)} ${value}`), "", tables.join("\n\n")].join("\n");
}

/** One row per atom, or per group; `groups` are the groups of the atoms. */
function parameterTable(
  what: "atom" | "group",
  rows: readonly NamedAtom[],
  columns: readonly string[],
  groups?: readonly number[],
): string {
  const heads = atomColumns(rows, columns);
  return alignedTable(
    [what, ...(groups ? ["group"] : []), ...heads.map((head) => head.title)],
    rows.map((row, index) => [
      index + 1,
      ...(groups ? [groups[index] ?? 0] : []),
      ...heads.map((head) => Number(head.value(row).toPrecision(6))),
    ]),
  );
}

/** Why a fit is not certified: its status first, then the reasons of the certificate; empty for a certified fit. */
export function reasonsOf({ status, certified, certificate }: DataFit["result"]): string[] {
  if (certified) return [];
  const { reasons } = certificate;
  if (status !== "converged") return [`the fit ended with status ${status}`, ...reasons];
  return reasons.length === 0 ? ["no reason given"] : [...reasons];
}

/** Single numbers that all atoms share, by name: the temperature. */
function scalarsOf(shared: DataFit["shared"]): [string, number][] {
  return Object.entries(shared).flatMap(([name, value]): [string, number][] =>
    typeof value === "number" ? [[name, value]] : [],
  );
}

type Line = [name: string, text: string];

function line(name: string, text: string): Line {
  return [name, text];
}

function statusText(status: string, local: boolean): string {
  const shown = status === "converged" ? status : status.replaceAll("-", " ").toUpperCase();
  return local ? `${shown} (a local fit from the given start)` : shown;
}

/** `atom[1].a[0]` as `atom 2: a[x1] = 1000`, with the numbers and names of the table of atoms. */
function boundText(
  name: string,
  atoms: readonly NamedAtom[],
  columns: readonly string[],
  box: number,
): string {
  const parts = /^atom\[(\d+)\]\.([^[]+)(?:\[(\d+)\])?$/.exec(name);
  if (parts === null) return `${name}, a bound of the box ${box}`;
  const [, atom, field = "", coordinate] = parts;
  const found = atoms[Number(atom)]?.[field];
  const value = Array.isArray(found) ? found[Number(coordinate)] : found;
  const length = Array.isArray(found) ? found.length : 0;
  const where =
    coordinate === undefined
      ? field
      : `${field}[${length === columns.length ? columns[Number(coordinate)] : coordinate}]`;
  return `atom ${Number(atom) + 1}: ${where}${value === undefined ? "" : ` = ${Number(value.toPrecision(6))}`}, a bound of the box ${box}`;
}

/** One column per parameter; vectors over the inputs carry the names of the data's columns. */
function atomColumns(
  atoms: readonly NamedAtom[],
  columns: readonly string[],
): { title: string; value(atom: NamedAtom): number }[] {
  return Object.entries(atoms[0] ?? {}).flatMap(([name, first]) => {
    if (!Array.isArray(first)) return [{ title: name, value: (atom: NamedAtom) => Number(atom[name]) }];
    const names = first.length === columns.length ? columns : first.map((_, index) => String(index));
    return first.map((_, index) => ({
      title: `${name}[${names[index]}]`,
      value: (atom: NamedAtom) => (atom[name] as number[])[index],
    }));
  });
}
