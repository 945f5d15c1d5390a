import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { version as duckdbVersion } from "@duckdb/node-api";
import { packageVersions } from "./package-versions.ts";

/** What a result rests on besides its study: no user, no host, no path. */
export interface Provenance {
  readonly version: string;
  readonly commit: string | null;
  readonly node: string;
  readonly duckdb: string;
  readonly platform: string;
  readonly cpu: string;
  readonly cores: number;
  /** Versions of the packages this command runs on, by name. */
  readonly packages: Readonly<Record<string, string>>;
  /** SHA-256 of the checkout's lockfile; null outside a checkout. */
  readonly lockfileHash: string | null;
}

const packageFolder = new URL("..", import.meta.url);

/** Version of this command. */
export function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("package.json", packageFolder), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

/** Versions and hardware of this process. */
export function provenance(): Provenance {
  return {
    version: ownVersion(),
    commit: sourceCommit(),
    node: process.version,
    duckdb: duckdbVersion(),
    platform: `${process.platform}-${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    packages: packageVersions(fileURLToPath(packageFolder)),
    lockfileHash: lockfileHash(),
  };
}

function lockfileHash(): string | null {
  try {
    const text = readFileSync(new URL("../../pnpm-lock.yaml", packageFolder));
    return createHash("sha256").update(text).digest("hex");
  } catch {
    return null;
  }
}

/** Commit of the checkout this code runs from, with `+` when tracked files differ from it; null outside a checkout or without git. */
function sourceCommit(): string | null {
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: fileURLToPath(packageFolder),
      encoding: "utf8",
      timeout: 2000,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    if (git("ls-files", "package.json") === "") return null;
    return `${git("rev-parse", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") === "" ? "" : "+"}`;
  } catch {
    return null;
  }
}
