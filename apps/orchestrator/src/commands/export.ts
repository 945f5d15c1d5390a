import { jsonOption } from "../command-line/options.ts";
import { alignedTable } from "../command-line/print-result.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError } from "../input-error.ts";
import { namingDamage } from "../store/check-store.ts";
import { FileLocked } from "../store/duckdb-instance.ts";
import { exportTables } from "../store/export-tables.ts";
import { openForReading } from "../store/store-file.ts";
import { writeLine } from "../terminal.ts";

/** `moe-rates export FILE --parquet DIR`. Named with a suffix because `export` is a word of the language. */
export const exportVerb: Verb = {
  name: "export",
  summary: "write every table and the rates as Parquet or CSV files",
  positionals: [{ name: "FILE", description: "database of a study" }],
  options: [
    { flag: "parquet", value: "DIR", description: "write Parquet files into this folder" },
    { flag: "csv", value: "DIR", description: "write CSV files into this folder" },
    { flag: "force", description: "replace files that an earlier export did not write" },
    jsonOption,
  ],
  examples: [
    {
      command: "moe-rates export quickstart.duckdb --parquet quickstart-parquet",
      does: "one Parquet file per table",
    },
    { command: "moe-rates export quickstart.duckdb --csv quickstart-csv", does: "the same as CSV" },
  ],
  async run(terminal, given) {
    const [parquet, csv] = [given.text("parquet"), given.text("csv")];
    if (parquet === undefined && csv === undefined)
      throw new InputError("export: say where to: --parquet DIR or --csv DIR");
    if (parquet !== undefined && csv !== undefined)
      throw new InputError("export: --parquet and --csv at once; give one of them");
    const file = given.positionals[0] ?? "";
    (await openForReading(file).catch(afterTheRun)).close();
    const format = parquet === undefined ? "csv" : "parquet";
    const written = await namingDamage(file, () =>
      exportTables(file, parquet ?? csv ?? "", format, given.has("force")),
    );
    const text = given.has("json")
      ? JSON.stringify(written, null, 2)
      : alignedTable(
          ["file", "rows"],
          written.map((one) => [one.file, one.rows]),
        );
    await writeLine(terminal.stdout, text);
    return 0;
  },
};

function afterTheRun(error: unknown): never {
  throw error instanceof FileLocked
    ? new Error(`${error.message}; export when its run has ended`, { cause: error })
    : error;
}
