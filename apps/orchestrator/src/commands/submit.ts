import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { jsonOption } from "../command-line/options.ts";
import type { ParsedArguments } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { InputError } from "../input-error.ts";
import { loadStudy } from "../load-study.ts";
import type { LoadedStudy } from "../load-study.ts";
import { kubernetesJob, mostCompletions } from "../scale-out/kubernetes-job.ts";
import { shardFile, shardsInHand } from "../scale-out/shard-states.ts";
import { siteArrayLimit, submitScripts } from "../scale-out/slurm-commands.ts";
import type { SubmittedJobs } from "../scale-out/slurm-commands.ts";
import { slurmScripts } from "../scale-out/slurm-scripts.ts";
import type { SlurmScripts } from "../scale-out/slurm-scripts.ts";
import { readSubmission, writeSubmission } from "../scale-out/submission.ts";
import { isShardOf } from "../shard/is-shard-of.ts";
import { refuseTarget } from "../shard/refuse-target.ts";
import { readManifest } from "../shard/shard-manifest.ts";
import { openMemoryDatabase } from "../store/duckdb-instance.ts";
import type { Terminal } from "../terminal.ts";
import { writeLine } from "../terminal.ts";
import { studyOptions, studyRequest } from "./study-options.ts";

/** `moe-rates submit slurm|k8s STUDY`. */
export const submit: Verb = {
  name: "submit",
  summary: "run a study as shards on Slurm or Kubernetes",
  details:
    "slurm writes array jobs and a merge job into a folder and, with --go, submits them; only shards without a file are submitted, so the same\n" +
    "command resubmits what is missing. k8s prints the manifest of an Indexed Job over a shared volume.",
  positionals: [
    { name: "SYSTEM", description: "slurm or k8s" },
    { name: "STUDY", description: "study file (YAML or JSON); for k8s also its path on the shared volume" },
  ],
  options: [
    {
      flag: "shards",
      value: "N",
      kind: "integer",
      min: 1,
      max: 1_000_000,
      description: "number of shards (default 20)",
    },
    { flag: "folder", value: "DIR", description: "scripts, shards and logs (default <name>.slurm)" },
    { flag: "out", value: "FILE", description: "database of the merged study (default <name>.duckdb)" },
    { flag: "cpus", value: "N", kind: "integer", min: 1, description: "cores of a task (default 4)" },
    {
      flag: "time",
      value: "LIMIT",
      description: "time limit of a task (default 04:00:00); unfinished tasks are queued again",
    },
    { flag: "memory", value: "SIZE", description: "memory of a task (default 4G)" },
    { flag: "partition", value: "NAME", description: "Slurm partition" },
    {
      flag: "array-limit",
      value: "N",
      kind: "integer",
      min: 1,
      description: "most tasks of one array (default: the site's, or 1000)",
    },
    { flag: "go", description: "submit to Slurm" },
    { flag: "image", value: "IMAGE", description: "k8s: container image with moe-rates on its PATH" },
    {
      flag: "claim",
      value: "NAME",
      description: "k8s: persistent volume claim with the study (and plugins) at its top, mounted at /study",
    },
    {
      flag: "object-store",
      description:
        "k8s: the claim is of an object store; shards are made on the node and copied when complete",
    },
    {
      flag: "parallelism",
      value: "N",
      kind: "integer",
      min: 1,
      description: "k8s: tasks at once (default 10)",
    },
    ...studyOptions,
    jsonOption,
  ],
  examples: [
    {
      command: "moe-rates submit slurm study.yaml --shards 100 --go",
      does: "an array job of 100 tasks and their merge",
    },
    {
      command: "moe-rates submit k8s study.yaml --image registry.example/moe-rates --claim studies",
      does: "a manifest for kubectl apply -f -",
    },
  ],
  async run(terminal, given) {
    const [system = "", study = ""] = given.positionals;
    if (system === "k8s") return submitKubernetes(terminal, given, study);
    if (system !== "slurm") throw new InputError(`submit: unknown system "${system}"; known: slurm, k8s`);
    return submitSlurm(terminal, given);
  },
};

const cli = fileURLToPath(new URL("../../bin/moe-rates.mjs", import.meta.url));

/** Options that tasks run with; `placed` gives the path of a file where they run. */
function runOptions(given: ParsedArguments, placed: (file: string) => string): string[] {
  const engine = given.text("engine");
  return [
    ...given.list("set").flatMap((one) => ["--set", one]),
    ...(engine === undefined ? [] : ["--engine", engine]),
    ...given.list("plugin").flatMap((one) => ["--plugin", placed(one)]),
  ];
}

async function submitSlurm(terminal: Terminal, given: ParsedArguments): Promise<number> {
  const shown = given.positionals[1] ?? "";
  const loaded = await loadStudy({ ...studyRequest(terminal, given), file: shown });
  refuseTarget(loaded, "submit slurm");
  const { name, replicates } = loaded.study;
  const shards = given.number("shards") ?? 20;
  const folder = resolve(terminal.cwd, given.text("folder") ?? `${name}.slurm`);
  const before = readSubmission(folder);
  if (before !== null && before.shards !== shards)
    throw new InputError(
      `--shards ${shards}: ${folder} holds a submission of ${before.shards} shards; give --shards ${before.shards} or another --folder`,
    );
  for (const part of ["shards", "logs"]) mkdirSync(join(folder, part), { recursive: true });
  await refuseForeignShards(folder, shards, loaded);
  const missing = Array.from({ length: shards }, (_, i) => i + 1).filter(
    (index) => !existsSync(shardFile(folder, index)),
  );
  const inHand = before === null ? new Map<number, string>() : shardsInHand(before);
  const indices = missing.filter((index) => !inHand.has(index));
  const partition = given.text("partition");
  const scripts = slurmScripts({
    name,
    study: resolve(terminal.cwd, shown),
    folder,
    database: resolve(terminal.cwd, given.text("out") ?? `${name}.duckdb`),
    shards,
    indices,
    arrayLimit: given.number("array-limit") ?? siteArrayLimit(),
    cpus: given.number("cpus") ?? 4,
    time: given.text("time") ?? "04:00:00",
    memory: given.text("memory") ?? "4G",
    ...(partition === undefined ? {} : { partition }),
    node: process.execPath,
    cli,
    runOptions: runOptions(given, (file) => resolve(terminal.cwd, file)),
  });
  for (const { file, text } of [...scripts.arrays, scripts.merge]) writeFileSync(join(folder, file), text);
  const waiting = missing.length - indices.length;
  const jobs =
    given.has("go") && (indices.length > 0 || waiting === 0)
      ? submitScripts(folder, scripts, new Set(inHand.values()))
      : null;
  if (jobs !== null)
    writeSubmission(folder, {
      writtenBy: "moe-rates submit",
      study: name,
      shards,
      planned: loaded.points.length * replicates,
      arrays: [
        ...(before?.arrays ?? []),
        ...jobs.arrays.map((job, i) => ({ job, indices: scripts.arrays[i]?.indices ?? [] })),
      ],
    });
  const report = { folder, shards, missing: missing.length, inHand: waiting, jobs };
  await writeLine(
    terminal.stdout,
    given.has("json") ? JSON.stringify(report, null, 2) : slurmText(report, scripts, given.has("go")),
  );
  return 0;
}

/** Throws InputError when the folder holds shards of another study or of another division of it. */
async function refuseForeignShards(folder: string, shards: number, loaded: LoadedStudy): Promise<void> {
  const memory = await openMemoryDatabase();
  try {
    for (const name of readdirSync(join(folder, "shards")).filter((one) => one.endsWith(".parquet"))) {
      const file = join(folder, "shards", name);
      const manifest = await readManifest(memory.connection, file);
      if (!isShardOf(manifest, shards, loaded))
        throw new InputError(
          `${file} is shard ${manifest.index}/${manifest.count} of other designs, sizes or replicates; give another --folder`,
        );
    }
  } finally {
    memory.close();
  }
}

function slurmText(
  report: {
    readonly folder: string;
    readonly shards: number;
    readonly missing: number;
    readonly inHand: number;
    readonly jobs: SubmittedJobs | null;
  },
  { arrays, merge }: SlurmScripts,
  go: boolean,
): string {
  const { folder, shards, missing, inHand, jobs } = report;
  const waiting = inHand > 0 ? `, ${inHand} in hand` : "";
  const state = `${shards - missing} of ${shards} shards are there${waiting}, ${missing - inHand} to run`;
  if (jobs)
    return `${state}\nsubmitted: ${[...jobs.arrays, `${jobs.merge} (merge)`].join(", ")}; logs in ${folder}/logs, progress by moe-rates status ${folder}`;
  if (go) return `${state}; nothing to submit`;
  const files = arrays.map(({ file }) => file);
  return `${state}\nwritten to ${folder}: ${[...files, merge.file].join(", ")}; --go submits them`;
}

async function submitKubernetes(terminal: Terminal, given: ParsedArguments, study: string): Promise<number> {
  const [image, claim] = [given.text("image"), given.text("claim")];
  if (image === undefined || claim === undefined)
    throw new InputError("submit k8s: give --image IMAGE and --claim NAME");
  if (!existsSync(resolve(terminal.cwd, study))) throw new InputError(`${study}: no such study file`);
  const loaded = await loadStudy({ ...studyRequest(terminal, given), file: study });
  refuseTarget(loaded, "submit k8s");
  const shards = given.number("shards") ?? 20;
  if (shards > mostCompletions)
    throw new InputError(`--shards ${shards}: a Kubernetes Job has at most ${mostCompletions} completions`);
  const mount = "/study";
  const placed = (file: string): string => join(mount, basename(file));
  const manifest = kubernetesJob({
    name: loaded.study.name,
    study: placed(study),
    shards,
    parallelism: given.number("parallelism") ?? 10,
    image,
    claim,
    mount,
    objectStore: given.has("object-store"),
    cpus: given.number("cpus") ?? 4,
    memory: (given.text("memory") ?? "4G").replace(/^(\d+)([KMGT])$/, "$1$2i"),
    runOptions: runOptions(given, placed),
  });
  await writeLine(terminal.stdout, manifest.trimEnd());
  return 0;
}
