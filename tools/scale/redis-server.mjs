/** A Redis server of one's own on a free port of 127.0.0.1, for tests and measurements. */
import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";

/** Debian's redis-server or valkey-server, or null: then what needs one is skipped. */
export const serverProgram =
  ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0) ?? null;

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/**
 * Starts a server with an append-only file in `folder`.
 * @param {string} folder
 * @param {string} password
 */
export async function startServer(folder, password) {
  const port = await freePort();
  const start = async () => {
    const child = spawn(
      serverProgram ?? "redis-server",
      ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, "--requirepass", password].concat([
        "--appendonly",
        "yes",
        "--maxmemory-policy",
        "noeviction",
        "--save",
        "",
      ]),
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await new Promise((resolve, reject) => {
      child.on("exit", reject);
      child.stdout.on(
        "data",
        (/** @type {Buffer} */ text) => text.includes("Ready to accept") && resolve(null),
      );
    });
    return child;
  };
  let child = await start();
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners("exit").on("exit", resolve);
      child.kill("SIGKILL");
    });
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    stop,
    async restart() {
      await stop();
      child = await start();
    },
  };
}
