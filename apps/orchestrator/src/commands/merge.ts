import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError } from "../input-error.ts";
import { plural } from "../progress/format.ts";
import { mergeShards } from "../shard/merge-shards.ts";
import type { MergeReport } from "../shard/merge-shards.ts";
import { writeLine } from "../terminal.ts";

/** `moe-rates merge FILE SHARD...`. */
export const merge: Verb = {
  name: "merge",
  summary: "merge shard files of a study into one database",
  details:
    "Shards come from run --shard i/N. Their order does not matter, a shard merged twice adds nothing, and every file is checked against its\n" +
    "checksum before the first row is written. What is missing is reported.",
  positionals: [
    { name: "FILE", description: "database to write or to continue" },
    { name: "SHARD...", description: "shard files (Parquet)", repeatable: true },
  ],
  options: [jsonOption],
  examples: [
    { command: "moe-rates merge study.duckdb shards/*.parquet", does: "one database from all shards" },
    { command: "moe-rates merge study.duckdb late.parquet", does: "adds a shard that came later" },
  ],
  async run(terminal, given) {
    const [shown = "", ...shards] = given.positionals;
    const files = shards.map((one) => resolve(terminal.cwd, one));
    files.forEach((file, i) => {
      if (!existsSync(file)) throw new InputError(`${shards[i]}: no such file`);
    });
    const path = resolve(terminal.cwd, shown);
    const report = await mergeShards(existsSync(path) ? realpathSync(path) : path, shown, files);
    await writeLine(
      terminal.stdout,
      given.has("json") ? JSON.stringify({ database: shown, ...report }, null, 2) : reportText(shown, report),
    );
    return 0;
  },
};

function reportText(database: string, { shards, gaps, absent, target }: MergeReport): string {
  const added = shards.reduce((sum, one) => sum + one.added, 0);
  const present = shards.reduce((sum, one) => sum + one.present, 0);
  const missing = gaps.reduce((sum, gap) => sum + gap.missing, 0);
  return [
    `${plural(added, "replicate")} added to ${database} from ${plural(shards.length, "shard")}` +
      (present > 0 ? `, ${present} were there already` : ""),
    missing === 0
      ? `complete: every planned replicate is there${target ? `; the next round, if the target needs one: moe-rates run STUDY --shard i/N --after ${database}` : ""}`
      : `missing: ${plural(missing, "replicate")} at ${plural(gaps.length, "design point")}` +
        (absent.length > 0 ? `; shards ${absent.slice(0, 20).join(", ")} were not among the files` : ""),
  ].join("\n");
}
