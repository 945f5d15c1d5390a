import { stringify } from "yaml";

/** What an Indexed Job of shards needs. */
export interface KubernetesJob {
  readonly name: string;
  /** Paths as the containers see them. */
  readonly study: string;
  readonly shardFolder: string;
  readonly shards: number;
  readonly parallelism: number;
  readonly image: string;
  /** Persistent volume claim that all tasks share, mounted at `mount`. */
  readonly claim: string;
  readonly mount: string;
  readonly cpus: number;
  readonly memory: string;
  readonly runOptions: readonly string[];
}

/** An Indexed Job (batch/v1), one completion per shard, as YAML: the task with completion index c runs shard c + 1 of N. A pod that is evicted is
 *  replaced and goes on where the volume's files say; exit code 3 (failed replicates, which are rows) counts as success. */
export function kubernetesJob(job: KubernetesJob): string {
  const run = `npx moe-rates run ${job.study} --threads ${job.cpus} ${job.runOptions.join(" ")} --shard $((JOB_COMPLETION_INDEX + 1))/${job.shards} --out ${job.shardFolder}/$((JOB_COMPLETION_INDEX + 1)).parquet`;
  return stringify({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: job.name },
    spec: {
      completionMode: "Indexed",
      completions: job.shards,
      parallelism: job.parallelism,
      backoffLimitPerIndex: 6,
      maxFailedIndexes: job.shards,
      template: {
        spec: {
          restartPolicy: "Never",
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: "shard",
              image: job.image,
              command: [
                "sh",
                "-c",
                `${run.replaceAll(/ +/g, " ")}; code=$?; [ $code = 3 ] && exit 0; exit $code`,
              ],
              resources: {
                requests: { cpu: String(job.cpus), memory: job.memory },
                limits: { memory: job.memory },
              },
              volumeMounts: [{ name: "study", mountPath: job.mount }],
            },
          ],
          volumes: [{ name: "study", persistentVolumeClaim: { claimName: job.claim } }],
        },
      },
    },
  });
}
