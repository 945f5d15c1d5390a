import { createHash } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import { engineNamed, engineOfFit } from "../engines.ts";
import { messageOf } from "../input-error.ts";
import type { StudyResult, StudySetup, StudyTask } from "../pool/worker-protocol.ts";
import { ownVersion } from "../provenance.ts";

/** What a producer puts on the server once per run. */
export interface PublishedRun {
  readonly setup: StudySetup;
  /** What a worker must share so that its numbers are those of the producer: see `fingerprint`. */
  readonly needs: readonly string[];
  /** Seconds a single replicate may take; null: no limit. */
  readonly timeLimit: number | null;
}

/** What a worker answers to a batch. */
export interface QueueAnswer {
  readonly worker: string;
  readonly result: StudyResult;
}

/** Set of the names of runs that want workers. */
export const runsKey = "moe-rates:runs";
/** A run that its producer has not renewed for so many seconds is over. */
export const runSeconds = 60;
/** The lock of a batch: renewed while its worker lives, so a dead worker's batches are given on after `lockMs` + `stalledMs` at most. */
export const lockMs = 6000;
export const stalledMs = 3000;
/** Workers that may die on a batch before it is given back to the producer, which cuts it up. */
export const mostStalls = 2;

/** Where a run's publication is. */
export function runKey(name: string): string {
  return `moe-rates:run:${name}`;
}

/** Name of a run's queue: the same study, engine and version give the same one, so that a run started again finds what workers have finished. */
export function runName({ setup, needs, timeLimit }: PublishedRun): string {
  const { study, points, engine } = setup;
  return `moe-rates-${digest([study, points.map(({ id }) => id), engine, needs, timeLimit])}`;
}

/** Name of a batch within its run: a batch that is put in twice is there once. */
export function batchName(task: StudyTask): string {
  return `b${digest(task)}`;
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 24);
}

/** What decides the bits of a result besides the study: this command's version, the major version of Node, and the engines with their hashes. */
export function fingerprint({ designs }: Pick<StudySetup, "designs">): string[] {
  const wanted = designs.map(
    ({ identity }) => `engine ${String(identity["engine"])} ${String(identity["kernels"])}`,
  );
  return [...platform(), ...new Set(wanted)];
}

function platform(): string[] {
  return [`moe-rates ${ownVersion()}`, `Node ${process.versions.node.split(".")[0]}`];
}

/** The same of this machine, with the engines that the designs name. Throws InputError when it has no engine of that name. */
function ownFingerprint({ designs }: Pick<StudySetup, "designs">): string[] {
  const own = designs.map(({ fit, identity }) => {
    const { name, kernelHash } = engineOfFit(engineNamed(String(identity["engine"])), fit, 0);
    return `engine ${name} ${kernelHash}`;
  });
  return [...platform(), ...new Set(own)];
}

/** Why this machine cannot work on a run; null when it can. */
export function whyNot({ setup, needs }: PublishedRun): string | null {
  let here: string[];
  try {
    here = ownFingerprint(setup);
  } catch (error) {
    return messageOf(error);
  }
  const missing = needs.filter((one) => !here.includes(one));
  return missing.length === 0 ? null : `it needs ${missing.join(", ")}; here: ${here.join(", ")}`;
}

/** Any cloneable value as text, numbers to the bit (JSON loses -0 and NaN). */
export function pack(value: unknown): string {
  return serialize(value).toString("base64");
}

/** The inverse of `pack`, between the same major versions of Node. */
export function unpack(text: string): unknown {
  return deserialize(Buffer.from(text, "base64"));
}
