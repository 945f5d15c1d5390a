import type { DuckDBConnection } from "@duckdb/node-api";
import { nextRound, rememberCounts, seriesSample } from "@moe-rates/rates";
import type { RoundDecision } from "@moe-rates/rates";
import type { LoadedStudy } from "./load-study.ts";
import { plannedBy, readRounds, readTargetRows, storeRound } from "./store/rounds.ts";
import type { RoundEntry } from "./store/rounds.ts";

/** How far a design is from its target. */
export interface TargetState {
  readonly design: string;
  readonly fit: string;
  readonly k: number;
  readonly state: RoundDecision["state"];
  readonly halfWidth: number | null;
  readonly target: number;
  /** Fewest and most replicates at a sample size. */
  readonly replicates: readonly [number, number];
}

/** Rounds of a study with a target. */
export interface TargetRounds {
  /** Replicates wanted at each design point now. */
  readonly planned: ReadonlyMap<string, number>;
  /** What the completed rows of all designs ask for next; nothing is stored. Empty when there is no more to do. */
  next(): Promise<readonly RoundEntry[]>;
  /**
   * The barrier after a round: decides from the completed rows of all designs what comes next, stores it, and answers whether there is more to do. The decision depends on rows alone, so
   * that threads, interruptions and the time of day do not matter.
   */
  decide(): Promise<boolean>;
  /** The last decision of every design. */
  states(): readonly TargetState[];
}

/** Reads the stored rounds of a study; without a target every point has its replicates and no barrier adds any. */
export async function openRounds(connection: DuckDBConnection, loaded: LoadedStudy): Promise<TargetRounds> {
  const { study, designs, points, parameters } = loaded;
  const stored = plannedBy(study.target === undefined ? [] : await readRounds(connection));
  const planned = new Map(points.map(({ id }) => [id, Math.max(study.replicates, stored.get(id) ?? 0)]));
  const countsFor = rememberCounts();
  let states: TargetState[] = [];

  const decideDesign = async (design: LoadedStudy["designs"][number]): Promise<RoundEntry[]> => {
    const { target } = study;
    if (target === undefined) return [];
    const own = points.filter((point) => point.design === design.id);
    const counts = own.map(({ id }) => planned.get(id) ?? 0);
    const { columns, evaluations } = await readTargetRows(connection, target, own, counts);
    const sample = seriesSample(columns, "all");
    const parameterCount = parameters.get(design.id) ?? 1;
    const known = evaluations.filter((one) => one !== null);
    const usual = known.length === 0 ? 1 : known.reduce((sum, one) => sum + one, 0) / known.length;
    const costs = own.map(({ n }, p) => (evaluations[p] ?? usual) * n * parameterCount ** 2);
    const { slopeHalfWidth: halfWidth, statistic, max } = target;
    const applies = sample.replicates.length > 0;
    const decision: RoundDecision = applies
      ? nextRound({ sample, statistic, counts, costs, halfWidth, max }, countsFor(sample.replicates.length))
      : { state: "capped", halfWidth: null, counts };
    states.push({
      design: design.id,
      fit: design.fit.name,
      k: design.k,
      state: decision.state,
      halfWidth: decision.halfWidth,
      target: halfWidth,
      replicates: [Math.min(...counts), Math.max(...counts)],
    });
    return own.flatMap(({ id }, p) => {
      const replicates = decision.counts[p] ?? 0;
      return replicates > (counts[p] ?? 0) ? [{ designPoint: id, replicates }] : [];
    });
  };

  const next = async (): Promise<RoundEntry[]> => {
    states = [];
    const entries: RoundEntry[] = [];
    for (const design of designs) entries.push(...(await decideDesign(design)));
    return entries;
  };

  return {
    planned,
    next,
    async decide() {
      const entries = await next();
      if (entries.length === 0) return false;
      await storeRound(connection, entries);
      for (const { designPoint, replicates } of entries) planned.set(designPoint, replicates);
      return true;
    },
    states: () => states,
  };
}
