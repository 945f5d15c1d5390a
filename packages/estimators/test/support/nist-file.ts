/** A data set of the NIST StRD collection. */
export interface NistFile {
  /** The two published starting points. */
  readonly starts: readonly [Float64Array, Float64Array];
  readonly certified: Float64Array;
  readonly sse: number;
  readonly y: readonly number[];
  /** One row of predictors per observation. */
  readonly x: readonly (readonly number[])[];
}

/** Reads the published text form; line ranges stand in its header. */
export function parseNistFile(text: string): NistFile {
  const lines = text.split(/\r?\n/);
  const range = (label: string) => {
    const [, from, to] = new RegExp(`${label}\\s+\\(lines\\s+(\\d+) to\\s+(\\d+)\\)`).exec(text) ?? [];
    return lines.slice(Number(from) - 1, Number(to));
  };
  const parameters = lines
    .filter((line) => /^\s*b\d+ =/.test(line))
    .map((line) => numbers(line.slice(line.indexOf("=") + 1)));
  const rows = range("Data")
    .map(numbers)
    .filter((row) => row.length > 0);
  const column = (c: number) => Float64Array.from(parameters, (row) => row[c]);
  return {
    starts: [column(0), column(1)],
    certified: column(2),
    sse: Number(/Residual Sum of Squares:\s+(\S+)/.exec(text)![1]),
    y: rows.map((row) => row[0]),
    x: rows.map((row) => row.slice(1)),
  };
}

const numbers = (line: string) => line.trim().split(/\s+/).filter(Boolean).map(Number);
