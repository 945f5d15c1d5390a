import type { LoadedStudy } from "../load-study.ts";
import { pendingPoints } from "../pool/study-work.ts";
import { refuseContradictions } from "../refuse-contradictions.ts";
import { withStored } from "../replay/with-stored.ts";
import type { ReplicateKeys } from "../store/replicate-keys.ts";
import { plannedBy, readRounds } from "../store/rounds.ts";
import type { StoredRoundEntry } from "../store/rounds.ts";
import { readStoredDesigns, readStoredKeys } from "../store/stored-study.ts";
import { openRounds } from "../target-rounds.ts";
import type { TargetState } from "../target-rounds.ts";

/** A round of a study with a precision target, for shards that run a part of it each. */
export interface ShardedRound {
  /** Its number, from 1; 0 is the first, before any decision. */
  readonly number: number;
  /** All decisions up to this round. */
  readonly rounds: readonly StoredRoundEntry[];
  /** Replicates that each design point has after it. */
  readonly planned: ReadonlyMap<string, number>;
  /** Replicates that have rows already. */
  readonly done: ReplicateKeys;
}

/** The round that comes after the rows of a merged database: the stored one while replicates of it are missing, else the one that its rows decide, the same for
 *  every shard that reads the same file; null, with the state of every target, when there is no more to do. The file is only read. Throws InputError when it holds
 *  another study. */
export function nextShardedRound(
  file: string,
  shown: string,
  loaded: LoadedStudy,
): Promise<{ round: ShardedRound | null; targets: readonly TargetState[] }> {
  return withStored(file, async ({ connection }) => {
    refuseContradictions(shown, await readStoredDesigns(connection), loaded.designs);
    const done = await readStoredKeys(connection);
    const stored = await readRounds(connection);
    const state = await openRounds(connection, loaded);
    const missing = pendingPoints(loaded, done, state.planned).some((point) => point.missing.length > 0);
    const number = Math.max(0, ...stored.map(({ round }) => round)) + (missing ? 0 : 1);
    const decided = missing ? [] : (await state.next()).map((entry) => ({ round: number, ...entry }));
    if (!missing && decided.length === 0) return { round: null, targets: state.states() };
    const rounds = [...stored, ...decided];
    const planned = new Map([...state.planned, ...plannedBy(rounds)]);
    return { round: { number, rounds, planned, done }, targets: [] };
  });
}
