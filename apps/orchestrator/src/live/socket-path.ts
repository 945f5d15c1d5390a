import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Longest socket address every platform takes (macOS: 104 bytes with the closing zero). */
const longestPath = 100;

/** Folders that may hold the sockets of this user, in order of preference. */
export function socketFolders(env: NodeJS.ProcessEnv): string[] {
  const user = process.getuid?.() ?? "user";
  const runtime = env["XDG_RUNTIME_DIR"];
  const folders = [
    ...(runtime === undefined || runtime === "" ? [] : [join(runtime, "moe-rates")]),
    join(tmpdir(), `moe-rates-${user}`),
    `/tmp/moe-rates-${user}`,
  ];
  return [...new Set(folders)].filter(
    (folder) => Buffer.byteLength(join(folder, socketName("x"))) <= longestPath,
  );
}

/** Name of the socket of a database file: a hash, so that its length does not grow with the path. */
export function socketName(file: string): string {
  return `${createHash("sha256").update(file).digest("hex").slice(0, 24)}.sock`;
}

/** Where a run on `file` may be listening. */
export function socketCandidates(file: string, env: NodeJS.ProcessEnv): string[] {
  const name = socketName(realpathSync(file));
  return socketFolders(env)
    .filter(isOwnerOnly)
    .map((folder) => join(folder, name));
}

/** Where a run on `file` shall listen: in the first folder that is, or can be made, ours alone. Null when there is none. */
export function socketForRun(file: string, env: NodeJS.ProcessEnv): string | null {
  for (const folder of socketFolders(env)) {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") continue;
    }
    if (isOwnerOnly(folder)) return join(folder, socketName(realpathSync(file)));
  }
  return null;
}

/** True for a real folder (no link) of this user that nobody else may enter. */
function isOwnerOnly(folder: string): boolean {
  try {
    const status = lstatSync(folder);
    return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
