/** A Redis server of one's own on a free port, for tests and measurements. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createServer } from "node:net";
import { join } from "node:path";

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

/** Whether certificates can be made: TLS needs openssl, and Debian's servers speak TLS. */
export const certificatesAvailable = spawnSync("openssl", ["version"]).status === 0;

/**
 * Makes a key and a certificate for 127.0.0.1 that is its own authority, NAME.key and NAME.pem.
 * @param {string} folder
 * @param {string} name
 */
export function makeCertificate(folder, name) {
  const files = { key: join(folder, `${name}.key`), certificate: join(folder, `${name}.pem`) };
  execFileSync(
    "openssl",
    [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-days",
      "2",
    ].concat(
      ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1"],
      ["-keyout", files.key, "-out", files.certificate],
    ),
    { stdio: "ignore" },
  );
  return files;
}

/**
 * Starts a server with an append-only file in `folder`, on 127.0.0.1 or on all addresses of the network that `wrapper` starts it in.
 * @param {string} folder
 * @param {string} password
 * @param {{ tls?: ReturnType<typeof makeCertificate>, wrapper?: readonly string[] }} [options]
 */
export async function startServer(folder, password, { tls, wrapper = [] } = {}) {
  const port = await freePort();
  const listen =
    tls === undefined
      ? ["--port", `${port}`]
      : ["--port", "0", "--tls-port", `${port}`, "--tls-cert-file", tls.certificate].concat([
          "--tls-key-file",
          tls.key,
          "--tls-auth-clients",
          "no",
        ]);
  const words = [
    ...wrapper,
    serverProgram ?? "redis-server",
    ...listen,
    "--bind",
    wrapper.length > 0 ? "0.0.0.0" : "127.0.0.1",
    "--dir",
    folder,
    "--requirepass",
    password,
    "--appendonly",
    "yes",
    "--maxmemory-policy",
    "noeviction",
    "--save",
    "",
  ];
  const start = async () => {
    const [program = "", ...args] = words;
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
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
    url: `${tls === undefined ? "redis" : "rediss"}://127.0.0.1:${port}`,
    stop,
    async restart() {
      await stop();
      child = await start();
    },
  };
}
