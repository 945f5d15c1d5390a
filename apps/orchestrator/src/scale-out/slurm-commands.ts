import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { messageOf } from "../input-error.ts";
import type { SlurmScripts } from "./slurm-scripts.ts";

/** Job numbers of a submission. */
export interface SubmittedJobs {
  /** One per array script, in their order. */
  readonly arrays: readonly string[];
  readonly merge: string;
}

/** A task of an array job as Slurm tells it. */
export interface SlurmTask {
  readonly job: string;
  /** Index within the array, from 1. */
  readonly task: number;
  /** Slurm's word, such as PENDING, RUNNING, COMPLETED or FAILED. */
  readonly state: string;
}

function slurm(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Hands the scripts in `folder` to sbatch. The merge waits until all of the arrays have succeeded and the `earlier` jobs have ended. Throws with what
 *  sbatch said. */
export function submitScripts(
  folder: string,
  { arrays, merge }: SlurmScripts,
  earlier: ReadonlySet<string>,
): SubmittedJobs {
  const sbatch = (...args: string[]): string => {
    try {
      return slurm("sbatch", "--parsable", ...args)
        .trim()
        .replace(/;.*/s, "");
    } catch (error) {
      const text = (error as { stderr?: string }).stderr?.trim();
      throw new Error(`sbatch failed: ${text === undefined || text === "" ? messageOf(error) : text}`, {
        cause: error,
      });
    }
  };
  const ids = arrays.map(({ file }) => sbatch(join(folder, file)));
  const conditions = [...ids.map((id) => `afterok:${id}`), ...[...earlier].map((id) => `afterany:${id}`)];
  const wait =
    conditions.length > 0 ? [`--dependency=${conditions.join(",")}`, "--kill-on-invalid-dep=yes"] : [];
  return { arrays: ids, merge: sbatch(...wait, join(folder, merge.file)) };
}

/** The tasks of array jobs that Slurm still knows; null when it cannot be asked here. Jobs that it has forgotten are left out. */
export function readTasks(jobs: readonly string[]): SlurmTask[] | null {
  try {
    return jobs.flatMap(tasksOf);
  } catch {
    return null;
  }
}

function tasksOf(job: string): SlurmTask[] {
  let text: string;
  try {
    text = slurm("squeue", "--noheader", "--array", "--states=all", "--format=%F %K %T", `--jobs=${job}`);
  } catch (error) {
    if (/invalid job id/i.test(String((error as { stderr?: unknown }).stderr))) return [];
    throw error;
  }
  return text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([id = "", task = "", state = ""]) =>
      /^\d+$/.test(task) ? [{ job: id, task: Number(task), state }] : [],
    );
}

/** Largest index of an array at this site: MaxArraySize counts index 0, which is not used; 1000 where Slurm cannot be asked. */
export function siteArrayLimit(): number {
  try {
    const size = Number(/MaxArraySize\s*=\s*(\d+)/.exec(slurm("scontrol", "show", "config"))?.[1]);
    return Number.isInteger(size) && size > 1 ? size - 1 : 1000;
  } catch {
    return 1000;
  }
}
