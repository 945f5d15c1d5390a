import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { shippedFamilies, withPlugin } from "@moe-rates/mixture";
import type { Families } from "@moe-rates/mixture";
import { InputError, messageOf } from "./input-error.ts";

/** Families of the user's own: ES modules that export `gatings` and `experts`, both optional. */
export interface Plugins {
  readonly families: Families;
  /** Absolute paths, for the workers. */
  readonly files: readonly string[];
  /** Content hash of the file behind each plugged-in family, keyed `gating:NAME` or `expert:NAME`: part of every design's identity. */
  readonly hashes: Readonly<Record<string, string>>;
  /** `name.mjs sha256:0123456789abcdef`, for the record. */
  readonly labels: readonly string[];
}

/** Loads the modules of `--plugin`. Throws InputError when one cannot be read, fails to load, or names a family that exists. */
export async function loadPlugins(files: readonly string[], cwd: string): Promise<Plugins> {
  let families = shippedFamilies;
  const hashes: Record<string, string> = {};
  const labels: string[] = [];
  const paths = files.map((file) => resolve(cwd, file));
  for (const [index, path] of paths.entries()) {
    const shown = files[index] ?? path;
    const hash = contentHash(path, shown);
    const before = families;
    families = await withModule(families, path, shown);
    for (const name of Object.keys(families.gatings))
      if (!(name in before.gatings)) hashes[`gating:${name}`] = hash;
    for (const name of Object.keys(families.experts))
      if (!(name in before.experts)) hashes[`expert:${name}`] = hash;
    labels.push(`${basename(path)} sha256:${hash.slice(0, 16)}`);
  }
  return { families, files: paths, hashes, labels };
}

/** Families as a worker sees them. */
export async function loadFamilies(files: readonly string[]): Promise<Families> {
  let families = shippedFamilies;
  for (const file of files) families = await withModule(families, file, file);
  return families;
}

function contentHash(path: string, shown: string): string {
  try {
    return createHash("sha256").update(readFileSync(path)).digest("hex");
  } catch (error) {
    throw new InputError(`--plugin ${shown}: cannot be read (${messageOf(error)})`);
  }
}

async function withModule(families: Families, path: string, shown: string): Promise<Families> {
  try {
    const module = (await import(pathToFileURL(path).href)) as Partial<Families> & {
      default?: Partial<Families>;
    };
    const own =
      module.gatings === undefined && module.experts === undefined ? (module.default ?? {}) : module;
    if (own.gatings === undefined && own.experts === undefined)
      throw new Error("exports neither gatings nor experts");
    return withPlugin(
      families,
      { ...(own.gatings && { gatings: own.gatings }), ...(own.experts && { experts: own.experts }) },
      shown,
    );
  } catch (error) {
    throw new InputError(`--plugin ${shown}: ${messageOf(error)}`);
  }
}
