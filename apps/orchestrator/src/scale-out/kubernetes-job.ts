import { stringify } from "yaml";
import { shellQuoted } from "./shell-quoted.ts";

/** What an Indexed Job of shards needs. */
export interface KubernetesJob {
  readonly name: string;
  /** Path of the study as the containers see it. */
  readonly study: string;
  readonly shards: number;
  readonly parallelism: number;
  readonly image: string;
  /** Persistent volume claim that all tasks share, mounted at `mount`. */
  readonly claim: string;
  readonly mount: string;
  /** The claim is of an object store, which takes whole files only: a shard is made on the node and copied when it is complete. */
  readonly objectStore: boolean;
  readonly cpus: number;
  readonly memory: string;
  readonly runOptions: readonly string[];
}

/** Most completions of an Indexed Job, and longest name whose pods, NAME-99999, are host names (63). */
export const mostCompletions = 100_000;
const longestName = 57;

const scratch = "/work";

/** An Indexed Job (batch/v1, Kubernetes 1.29 or later) as YAML, one completion per shard: the task with completion index c runs shard c + 1 of N. A pod
 *  that is evicted flushes, is replaced without being counted as failed, and goes on where the volume's files say. */
export function kubernetesJob(job: KubernetesJob): string {
  const volumes = [{ name: "study", persistentVolumeClaim: { claimName: job.claim } }];
  const mounts = [{ name: "study", mountPath: job.mount }];
  const manifest = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: hostName(job.name) },
    spec: {
      completionMode: "Indexed",
      completions: job.shards,
      parallelism: job.parallelism,
      backoffLimitPerIndex: 6,
      maxFailedIndexes: job.shards,
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
      },
      template: {
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: "shard",
              image: job.image,
              command: ["sh", "-c", taskScript(job)],
              resources: {
                requests: { cpu: String(job.cpus), memory: job.memory },
                limits: { memory: job.memory },
              },
              volumeMounts: job.objectStore ? [...mounts, { name: "scratch", mountPath: scratch }] : mounts,
            },
          ],
          volumes: job.objectStore ? [...volumes, { name: "scratch", emptyDir: {} }] : volumes,
        },
      },
    },
  };
  return stringify(manifest, { lineWidth: 0 });
}

function hostName(name: string): string {
  return name
    .replaceAll(/[^a-z0-9-]/g, "-")
    .slice(0, longestName)
    .replace(/-+$/, "");
}

/** A POSIX shell script: hands SIGTERM on to the command, which a shell as the first process of a container does not do by itself, and takes failed
 *  replicates, which are rows, for success. */
function taskScript(job: KubernetesJob): string {
  const shards = shellQuoted(`${job.mount}/shards`);
  const folder = job.objectStore ? scratch : shards;
  const command = ["moe-rates", "run", job.study, "--threads", String(job.cpus), ...job.runOptions];
  const copied = `[ "$code" = 0 ] && { cp ${folder}/"$index.parquet" ${shards}/"$index.parquet"; code=$?; }`;
  return [
    "index=$((JOB_COMPLETION_INDEX + 1))",
    `mkdir -p ${shards}`,
    ...(job.objectStore ? [`[ -e ${shards}/"$index.parquet" ] && exit 0`] : []),
    `${command.map(shellQuoted).join(" ")} --shard "$index/${job.shards}" --out ${folder}/"$index.parquet" &`,
    "child=$!",
    "trap 'kill -TERM $child' TERM",
    "wait $child; code=$?",
    "while kill -0 $child 2>/dev/null; do wait $child; code=$?; done",
    '[ "$code" = 3 ] && code=0',
    ...(job.objectStore ? [copied] : []),
    "exit $code",
    "",
  ].join("\n");
}
