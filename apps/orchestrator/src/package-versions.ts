import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Versions of everything a package depends on, directly or not, by name and in the order of names. A dependency that is not installed is left out;
 *  of one that is there in several versions all are named, separated by a space. */
export function packageVersions(packageFolder: string): Record<string, string> {
  const versions = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const visit = (folder: string): void => {
    if (seen.has(folder)) return;
    seen.add(folder);
    for (const name of Object.keys(readManifest(folder)?.dependencies ?? {})) {
      const found = installed(folder, name);
      const version = found === null ? undefined : readManifest(found)?.version;
      if (found === null || version === undefined) continue;
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
      visit(found);
    }
  };
  visit(packageFolder);
  return Object.fromEntries(
    [...versions].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, all]) => [name, [...all].join(" ")]),
  );
}

function readManifest(folder: string): Manifest | null {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  } catch {
    return null;
  }
}

/** Folder of a dependency as Node finds it: `node_modules` of the folder and of those above it. */
function installed(from: string, name: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      return dirname(realpathSync(join(folder, "node_modules", name, "package.json")));
    } catch {
      if (dirname(folder) === folder) return null;
    }
  }
}
