import { performance } from "node:perf_hooks";
import { recomputeLosses, runReplicate } from "@moe-rates/study";
import type { Design, DesignPoint, FitTrace, ReplicateRow, Surroundings } from "@moe-rates/study";
import { engineSurroundings } from "./engines.ts";
import { messageOf } from "./input-error.ts";
import { loadFamilies } from "./load-plugins.ts";
import { failedRow } from "./pool/failed-row.ts";
import { threadCpuMs } from "./pool/thread-cpu-time.ts";
import type { StudyResult, StudySetup, StudyTask } from "./pool/worker-protocol.ts";

/** Does a task; `beat` is called at the start of every replicate. */
export type StudyWork = (task: StudyTask, beat: () => void) => StudyResult;

/** Loads what a worker of a study needs. Its work fits replicates, or computes losses of stored fits; a replicate that throws becomes a failed row. */
export async function studyWork(setup: StudySetup): Promise<StudyWork> {
  const designs = new Map<string, Design>(setup.designs.map((design) => [design.id, design]));
  const points = new Map<string, DesignPoint>(setup.points.map((point) => [point.id, point]));
  const engineOf = ({ identity }: Design): string => String(identity["engine"]);
  const evaluation = await engineSurroundings(setup.designs.map(engineOf));
  const shared = { families: await loadFamilies(setup.plugins), covariates: setup.covariates };
  const surroundingsOf = (design: Design): Surroundings => ({ ...shared, ...evaluation(engineOf(design)) });

  const replicateRow = (
    pointId: string,
    replicate: number,
    observe?: (trace: FitTrace) => void,
  ): ReplicateRow => {
    const started = { wall: performance.now(), cpu: threadCpuMs() };
    const times = (): [number, number] => {
      const wall = performance.now() - started.wall;
      const cpu = threadCpuMs() - started.cpu;
      return [wall, Number.isNaN(cpu) ? wall : cpu];
    };
    const designPoint = known(points, pointId);
    try {
      const design = known(designs, designPoint.design);
      const request = { study: setup.study, design, designPoint, replicate, ...(observe && { observe }) };
      const row = runReplicate(request, surroundingsOf(design));
      const [wallMs, cpuMs] = times();
      return { ...row, wallMs, cpuMs };
    } catch (error) {
      const kind = error instanceof Error ? error.name : "Error";
      return failedRow(pointId, replicate, { kind, message: messageOf(error).slice(0, 1000) }, ...times());
    }
  };

  return (task, beat) => {
    if (task.kind === "hello") return { rows: [], added: [] };
    if (task.kind === "replicates") {
      let trace: FitTrace | undefined;
      const observe = task.trace === true ? (fit: FitTrace) => void (trace = fit) : undefined;
      const rows = task.replicates.map((replicate) => {
        beat();
        return replicateRow(task.designPoint, replicate, observe);
      });
      return { rows, added: [], ...(trace && { trace }) };
    }
    const design = known(designs, task.design);
    const added = task.fits.map(({ designPoint, replicate, theta }) => {
      beat();
      return {
        designPoint,
        replicate,
        losses: recomputeLosses({ study: setup.study, design, theta, losses: task.losses }, shared),
      };
    });
    return { rows: [], added };
  };
}

function known<Value>(map: ReadonlyMap<string, Value>, key: string): Value {
  const value = map.get(key);
  if (value === undefined) throw new Error(`the worker knows no ${key}`);
  return value;
}
