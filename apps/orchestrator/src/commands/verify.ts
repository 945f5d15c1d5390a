import { availableParallelism } from "node:os";
import type { DuckDBConnection } from "@duckdb/node-api";
import { stream } from "@moe-rates/math";
import { jsonOption } from "../command-line/options.ts";
import { alignedTable } from "../command-line/print-result.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError } from "../input-error.ts";
import { loadPlugins } from "../load-plugins.ts";
import { formatDuration, plural } from "../progress/format.ts";
import { compareRows, formatRowDifference } from "../replay/compare-rows.ts";
import type { RowDifference } from "../replay/compare-rows.ts";
import { recompute } from "../replay/recompute.ts";
import { readSources } from "../replay/stored-source.ts";
import type { StoredSource } from "../replay/stored-source.ts";
import { readStoredRows } from "../replay/stored-rows.ts";
import type { StoredRow } from "../replay/stored-rows.ts";
import { withStored } from "../replay/with-stored.ts";
import { select } from "../store/select.ts";
import { writeLine } from "../terminal.ts";
import { threadsOption, workerChoices, workerOptions } from "./study-options.ts";

/** A replicate that came out otherwise than it is stored. */
interface Mismatch {
  readonly designPoint: string;
  readonly replicate: number;
  readonly differences: readonly RowDifference[];
}

interface Key {
  readonly design: string;
  readonly designPoint: string;
  readonly replicate: number;
}

/** `moe-rates verify FILE --sample P%`. */
export const verify: Verb = {
  name: "verify",
  summary: "compute a random share of a file's replicates again and compare them bit for bit",
  details:
    "Replicates that failed for reasons outside the numbers (a lost worker, a time limit, an exception) are not drawn. Nothing is written.\n" +
    "Exit code 1 when a result differs; every difference is listed.",
  positionals: [{ name: "FILE", description: "database of a study" }],
  options: [
    { flag: "sample", value: "P%", description: "share of the replicates, rounded up (default 1%)" },
    { flag: "seed", value: "S", kind: "integer", min: 0, description: "seed of the draw (default 1)" },
    {
      flag: "covariates",
      value: "FILE",
      description: "the covariates of the study, when they are not beside the database",
    },
    threadsOption,
    ...workerOptions,
    jsonOption,
  ],
  examples: [
    {
      command: "moe-rates verify quickstart.duckdb --sample 5%",
      does: "computes one replicate of twenty again",
    },
    { command: "moe-rates verify quickstart.duckdb --sample 5% --seed 2", does: "another draw" },
  ],
  async run(terminal, given) {
    const started = performance.now();
    const shown = given.positionals[0] ?? "";
    const share = readShare(given.text("sample") ?? "1%");
    const plugins = await loadPlugins(given.list("plugin"), terminal.cwd);
    const report = await withStored(shown, async ({ connection }): Promise<VerifyReport> => {
      const all = await readKeys(connection);
      const drawn = draw(all, share, given.number("seed") ?? 1);
      const sources = await readSources(connection, new Set(drawn.map(({ design }) => design)), {
        shown,
        plugins,
        cwd: terminal.cwd,
        covariates: given.text("covariates"),
      });
      const stored = await readDrawn(connection, drawn);
      const threads = given.number("threads") ?? availableParallelism();
      const options = { threads, ...workerChoices(given), signal: terminal.signal };
      const different: Mismatch[] = [];
      for (const [source, keys] of bySource(drawn, sources)) {
        await recompute(source, keys, options, ({ row }) => {
          const { designPoint, replicate } = row;
          const before = stored.get(`${designPoint}#${replicate}`);
          const differences = before === undefined ? [] : compareRows(before, row);
          if (differences.length > 0) different.push({ designPoint, replicate, differences });
        });
      }
      return {
        file: shown,
        replicates: all.length,
        checked: drawn.length,
        equal: drawn.length - different.length,
        elapsedMs: performance.now() - started,
        different,
      };
    });
    await writeLine(
      terminal.stdout,
      given.has("json") ? JSON.stringify(report, null, 2) : verifyText(report),
    );
    return report.different.length > 0 ? 1 : 0;
  },
};

interface VerifyReport {
  readonly file: string;
  /** Replicates of the file that depend on the numbers alone. */
  readonly replicates: number;
  readonly checked: number;
  readonly equal: number;
  readonly elapsedMs: number;
  readonly different: readonly Mismatch[];
}

function readShare(text: string): number {
  const value = /^\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*$/.exec(text)?.[1];
  const percent = Number(value);
  if (value === undefined || !(percent > 0 && percent <= 100))
    throw new InputError(`--sample must be a percentage above 0% and at most 100%, as 1%, got "${text}"`);
  return percent / 100;
}

/** Keys of the replicates that depend on the numbers alone. */
async function readKeys(connection: DuckDBConnection): Promise<Key[]> {
  return select<Key>(
    connection,
    `SELECT design, design_point AS "designPoint", replicate FROM replicates JOIN design_points USING (design_point)
     LEFT JOIN failures USING (design_point, replicate) WHERE coalesce(kind, 'non-finite') = 'non-finite' ORDER BY design_point, replicate`,
  );
}

/** A share of the keys without replacement, in the order drawn (partial Fisher-Yates). */
function draw(keys: readonly Key[], share: number, seed: number): Key[] {
  const left = [...keys];
  const random = stream("verify", seed);
  return Array.from({ length: Math.ceil(share * keys.length) }, () => {
    const at = random.integer(left.length);
    const key = left[at];
    left[at] = left.at(-1) as Key;
    left.pop();
    return key;
  });
}

async function readDrawn(
  connection: DuckDBConnection,
  drawn: readonly Key[],
): Promise<Map<string, StoredRow>> {
  const rows = new Map<string, StoredRow>();
  for (const point of new Set(drawn.map(({ designPoint }) => designPoint))) {
    const replicates = drawn.filter((key) => key.designPoint === point).map(({ replicate }) => replicate);
    for (const row of await readStoredRows(connection, point, replicates))
      rows.set(`${point}#${row.replicate}`, row);
  }
  return rows;
}

function bySource(
  drawn: readonly Key[],
  sources: ReadonlyMap<string, StoredSource>,
): Map<StoredSource, Key[]> {
  const groups = new Map<StoredSource, Key[]>([...sources.values()].map((source) => [source, []]));
  for (const key of drawn) {
    const source = sources.get(key.design);
    if (source !== undefined) groups.get(source)?.push(key);
  }
  return groups;
}

function verifyText(report: VerifyReport): string {
  const head = `${report.equal} of ${report.checked} recomputed replicates are the same, bit for bit (of ${plural(report.replicates, "replicate")}, ${formatDuration(report.elapsedMs)})`;
  if (report.different.length === 0) return head;
  const rows = report.different.flatMap(({ designPoint, replicate, differences }) =>
    differences.map((one) => [designPoint, replicate, formatRowDifference(one)]),
  );
  return [head, "", alignedTable(["design point", "replicate", "difference"], rows)].join("\n");
}
