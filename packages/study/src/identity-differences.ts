import { canonicalJson } from "./canonical-json.ts";
import { childKey } from "./problem.ts";
import type { Design, Json } from "./types.ts";

/** One place where two identities differ; undefined where it is absent. */
export interface Difference {
  /** Dotted path, `truth.noise.sd`. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** The places where two identities differ, in the order of the keys. Lists of numbers are compared as a whole. */
export function differences(before: Json, after: Json): Difference[] {
  return [...compare(before, after, "")];
}

function* compare(before: Json | undefined, after: Json | undefined, path: string): Generator<Difference> {
  if (isList(before) && isList(after) && [...before, ...after].some((item) => typeof item === "object")) {
    const length = Math.max(before.length, after.length);
    for (let i = 0; i < length; i++) yield* compare(before[i], after[i], childKey(path, i));
  } else if (isMapping(before) && isMapping(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    for (const key of keys) yield* compare(before[key], after[key], childKey(path, key));
  } else if (before === undefined || after === undefined || canonicalJson(before) !== canonicalJson(after)) {
    if (before !== after) yield { path, before, after };
  }
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isMapping(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `truth.noise.sd: stored 0.1, now 0.2`. */
export function formatDifference({ path, before, after }: Difference): string {
  const show = (value: Json | undefined): string => (value === undefined ? "nothing" : JSON.stringify(value));
  return `${path}: stored ${show(before)}, now ${show(after)}`;
}

/** A design as a store keeps it. */
export interface StoredDesign {
  readonly id: string;
  /** Name of the fit. */
  readonly fit: string;
  readonly k: number;
  readonly identity: { readonly [key: string]: Json };
}

/** A design that cannot go into the file, with what changed. */
export interface RefusedDesign {
  readonly design: Design;
  /** The stored design it contradicts. */
  readonly stored: StoredDesign;
  /** `fit`: this fit has changed under the same name. `study`: what all designs of the file share has changed. */
  readonly because: "fit" | "study";
  readonly differences: readonly Difference[];
}

/** How the designs of a study relate to those of a file. */
export interface Comparison {
  /** Already in the file, whatever the fit is called now. */
  readonly kept: readonly Design[];
  /** New to the file and compatible with it. */
  readonly extensions: readonly Design[];
  readonly refused: readonly RefusedDesign[];
  /** In the file but no longer in the study; they stay. */
  readonly left: readonly StoredDesign[];
}

/**
 * Tells whether a study continues a file. A design with a stored identity continues it; one with the name and k of a stored design but another identity is
 * refused; so is any design whose truth, seed, engine or other shared part differs from the file's. All others extend the file.
 */
export function compareWithStored(stored: readonly StoredDesign[], designs: readonly Design[]): Comparison {
  const kept: Design[] = [];
  const extensions: Design[] = [];
  const refused: RefusedDesign[] = [];
  for (const design of designs) {
    if (stored.some(({ id }) => id === design.id)) {
      kept.push(design);
      continue;
    }
    const namesake = stored.find(({ fit, k }) => fit === design.fit.name && k === design.k);
    const neighbour = namesake ?? stored[0];
    const sameEngine = neighbour && onTensors(neighbour.identity) === onTensors(design.identity);
    const shared =
      neighbour &&
      differences(sharedPart(neighbour.identity, sameEngine), sharedPart(design.identity, sameEngine));
    if (neighbour !== undefined && shared.length > 0) {
      refused.push({ design, stored: neighbour, because: "study", differences: shared });
    } else if (namesake !== undefined) {
      refused.push({
        design,
        stored: namesake,
        because: "fit",
        differences: differences(namesake.identity, design.identity),
      });
    } else extensions.push(design);
  }
  const current = new Set(designs.map(({ id }) => id));
  return { kept, extensions, refused, left: stored.filter(({ id }) => !current.has(id)) };
}

/** All of an identity that every design of a file shares. Fits on TensorFlow.js (wide ones, trained ones) stand beside fits on
 *  a fused engine. */
function sharedPart(identity: { readonly [key: string]: Json }, sameEngine = true): Json {
  const { fit: _fit, fitPlugins: _plugins, engine, kernels, ...shared } = identity;
  return sameEngine ? { ...shared, engine, kernels } : shared;
}

function onTensors({ engine }: { readonly [key: string]: Json }): boolean {
  return String(engine).startsWith("tfjs");
}
