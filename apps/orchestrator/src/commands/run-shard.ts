import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Shard } from "@moe-rates/study";
import type { ParsedArguments } from "../command-line/options.ts";
import { InputError, exitCodes } from "../input-error.ts";
import { loadStudy } from "../load-study.ts";
import type { LoadedStudy } from "../load-study.ts";
import { plural } from "../progress/format.ts";
import { completeShard } from "../shard/complete-shard.ts";
import { nextShardedRound } from "../shard/next-round.ts";
import type { ShardedRound } from "../shard/next-round.ts";
import type { TargetState } from "../target-rounds.ts";
import { writeLine } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { runPlan } from "./run-plan.ts";
import { studyRequest } from "./study-options.ts";
import { targetText } from "./target-text.ts";

/** Runs a shard into a database beside its file, which takes its place when the shard is complete. Of a study with a target it is a part of the first round, or of
 *  the one that comes after the merged rows of the rounds before. */
export async function runShard(terminal: Terminal, given: ParsedArguments, shard: Shard): Promise<number> {
  const loaded = await loadStudy(studyRequest(terminal, given));
  for (const flag of ["watch", "queue"])
    if (given.has(flag)) throw new InputError(`--${flag} belongs to a run without --shard`);
  const { round, targets } = await roundOf(terminal, given, loaded);
  if (round === null) return nothingToDo(terminal, given, targets);
  const { index, count } = shard;
  const part = `shard-${index}-of-${count}.parquet`;
  const shown = given.text("out") ?? `${loaded.study.name}.${round ? `round-${round.number}.` : ""}${part}`;
  if (!shown.endsWith(".parquet")) throw new InputError(`--out ${shown}: a shard is a .parquet file`);
  const plan = runPlan(terminal, given, loaded, shown);
  const { added, failed, rows } = await completeShard(terminal, { ...plan, shard, ...(round && { round }) });
  await writeLine(
    terminal.stdout,
    given.has("json")
      ? JSON.stringify(
          { shard: `${index}/${count}`, round: round?.number, file: shown, rows, added, failed },
          null,
          2,
        )
      : `shard ${index} of ${count}${round ? `, round ${round.number}` : ""}: ${plural(rows, "replicate")} in ${shown}`,
  );
  return failed > 0 ? exitCodes.failedReplicates : exitCodes.ok;
}

/** The round after the merged rows; undefined for a study without a target and for the first round. */
async function roundOf(
  terminal: Terminal,
  given: ParsedArguments,
  loaded: LoadedStudy,
): Promise<{ round: ShardedRound | null | undefined; targets: readonly TargetState[] }> {
  const after = given.text("after");
  if (after === undefined) return { round: undefined, targets: [] };
  if (loaded.study.target === undefined)
    throw new InputError(
      "--after belongs to a study with a precision target; this one has a number of replicates",
    );
  const file = resolve(terminal.cwd, after);
  if (!existsSync(file))
    throw new InputError(`--after ${after}: no such database; moe-rates merge ${after} SHARD... writes it`);
  return nextShardedRound(file, after, loaded);
}

async function nothingToDo(
  terminal: Terminal,
  given: ParsedArguments,
  targets: readonly TargetState[],
): Promise<number> {
  await writeLine(
    terminal.stdout,
    given.has("json")
      ? JSON.stringify({ file: null, rows: 0, added: 0, failed: 0, targets }, null, 2)
      : [...targets.map(targetText), "no round comes next: no shard was written"].join("\n"),
  );
  return targets.some(({ state }) => state === "capped") ? exitCodes.targetNotMet : exitCodes.ok;
}
