import { shellQuoted } from "./shell-quoted.ts";

/** What the scripts of a Slurm array job need to know. Paths are absolute. */
export interface SlurmJob {
  readonly name: string;
  readonly study: string;
  /** Folder of the scripts, shards and logs. */
  readonly folder: string;
  readonly database: string;
  readonly shards: number;
  /** Shards to run, from 1; all of them, or those that are missing. */
  readonly indices: readonly number[];
  /** Largest array index the site accepts. */
  readonly arrayLimit: number;
  readonly cpus: number;
  /** Slurm time limit of a task, such as 01:00:00, and its memory, such as 4G. */
  readonly time: string;
  readonly memory: string;
  readonly partition?: string;
  /** Node and the command line's entry file. */
  readonly node: string;
  readonly cli: string;
  /** Further options of `moe-rates run`, such as --engine or --set. */
  readonly runOptions: readonly string[];
}

/** A script by file name. */
export interface SlurmScripts {
  /** Array jobs, each of at most `arrayLimit` tasks, with the shards of their tasks. */
  readonly arrays: readonly {
    readonly file: string;
    readonly text: string;
    readonly indices: readonly number[];
  }[];
  readonly merge: { readonly file: string; readonly text: string };
}

/** Seconds before its limit at which a task is told to stop: a flush takes less than one. */
const warningSeconds = 60;

/** Restarts of a task whose command is killed: one that runs out of memory each time must not run for ever. */
const mostRestarts = 3;

/** Array jobs that run shards and a job that merges them. A task that is told to stop before its time limit, or is pre-empted, flushes what it has and
 *  asks to be queued again, as does one whose command is killed; started again it goes on. Failed replicates are rows and no failure of the task. */
export function slurmScripts(job: SlurmJob): SlurmScripts {
  const arrays: SlurmScripts["arrays"][number][] = [];
  for (let from = 0; from < job.indices.length; from += job.arrayLimit) {
    const indices = job.indices.slice(from, from + job.arrayLimit);
    arrays.push({ file: `array-${arrays.length + 1}.sh`, text: arrayScript(job, indices), indices });
  }
  return { arrays, merge: { file: "merge.sh", text: mergeScript(job) } };
}

function header(job: SlurmJob, name: string, log: string, more: readonly string[]): string[] {
  return [
    "#!/bin/bash",
    `#SBATCH --job-name=${name}`,
    `#SBATCH --output=${job.folder}/logs/${log}`,
    "#SBATCH --open-mode=append",
    ...(job.partition === undefined ? [] : [`#SBATCH --partition=${job.partition}`]),
    ...more.map((option) => `#SBATCH ${option}`),
  ];
}

function arrayScript(job: SlurmJob, indices: readonly number[]): string {
  const command = [job.node, job.cli, "run", job.study, "--threads", String(job.cpus), ...job.runOptions];
  return [
    ...header(job, job.name, "shard-%A-%a.log", [
      `--array=1-${indices.length}`,
      "--nodes=1",
      "--ntasks=1",
      `--cpus-per-task=${job.cpus}`,
      `--time=${job.time}`,
      `--mem=${job.memory}`,
      "--requeue",
      `--signal=B:TERM@${warningSeconds}`,
    ]),
    `indices=(${indices.join(" ")})`,
    "index=${indices[SLURM_ARRAY_TASK_ID - 1]}",
    `${command.map(shellQuoted).join(" ")} --shard "$index/${job.shards}" --out ${shellQuoted(`${job.folder}/shards`)}/"$index.parquet" &`,
    "child=$!",
    "trap 'kill -TERM $child' TERM",
    "wait $child; code=$?",
    "while kill -0 $child 2>/dev/null; do wait $child; code=$?; done",
    '[ "$code" = 3 ] && exit 0',
    `if [ "$code" = 130 ] || [ "$code" = 143 ] || { [ "$code" -gt 128 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${mostRestarts} ]; }; then`,
    '  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID" && sleep 30',
    "  exit 75",
    "fi",
    'exit "$code"',
    "",
  ].join("\n");
}

function mergeScript(job: SlurmJob): string {
  const merge = [job.node, job.cli, "merge", job.database].map(shellQuoted).join(" ");
  return [
    ...header(job, `${job.name}-merge`, "merge-%j.log", ["--nodes=1", "--ntasks=1", `--mem=${job.memory}`]),
    `exec ${merge} ${shellQuoted(`${job.folder}/shards`)}/*.parquet`,
    "",
  ].join("\n");
}
