import type { NamedAtom } from "@moe-rates/mixture";
import type { DataFit, FitDataRequest } from "@moe-rates/study";
import { alignedTable } from "../command-line/print-result.ts";
import { formatDuration } from "../progress/format.ts";

/** The object of `fit --json`. */
export function fitObject(
  { result, atoms, wallMs }: DataFit,
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
  { result, atoms, wallMs }: DataFit,
  request: FitDataRequest,
  columns: readonly string[],
  engine: string,
): string {
  const { certificate, sse, status, certified } = result;
  const n = request.y.length;
  const lines: [string, string][] = [
    ["data", `n = ${n}, inputs ${columns.join(", ")}`],
    ["status", result.local ? `${status} (a local fit from the given start)` : status],
    [
      "certified",
      certified
        ? "yes: the global minimum over the box, as far as the search can tell"
        : `no: ${certificate.reasons.join("; ") || "no reason given"}`,
    ],
    ["sum of squares", `${sse.toPrecision(10)} (residual sd ${Math.sqrt(sse / n).toPrecision(4)})`],
    ["cosine", certificate.cosine.toExponential(2)],
    [
      "starts",
      `${certificate.starts}, ${certificate.reachedBest} reached the best of ${certificate.optima} optima`,
    ],
    ["effort", `${result.iterations} iterations, ${formatDuration(wallMs)}, ${engine}`],
  ];
  const heads = atomColumns(atoms, columns);
  const table = alignedTable(
    ["atom", ...heads.map((head) => head.title)],
    atoms.map((atom, index) => [index + 1, ...heads.map((head) => Number(head.value(atom).toPrecision(6)))]),
  );
  return [...lines.map(([name, value]) => `${name.padEnd(15)} ${value}`), "", table].join("\n");
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
