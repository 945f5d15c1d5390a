import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Redis } from "ioredis";
import type { ParsedArguments } from "../command-line/options.ts";
import { InputError, messageOf } from "../input-error.ts";
import type { Terminal } from "../terminal.ts";

/** What both clients, that of the queue and ours, are opened with. */
export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: { readonly ca?: string };
  readonly maxRetriesPerRequest: null;
  readonly retryStrategy: (times: number) => number;
}

/** A Redis or Valkey server: how it is reached, and its address without a secret, for messages. */
export interface QueueServer {
  readonly options: ServerOptions;
  readonly shown: string;
}

/** Longest wait between attempts to reach a server that is away, in milliseconds. */
const longestPause = 1000;

/** What `--queue URL`, `--password-file`, `--tls-ca` and REDIS_PASSWORD say. Throws InputError; a password in the URL is refused, for command lines
 *  are seen by all users of a machine. */
export function queueServer(terminal: Terminal, given: ParsedArguments): QueueServer {
  const text = given.text("queue") ?? "";
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["redis:", "rediss:"].includes(url.protocol) || url.hostname === "")
    throw new InputError(
      "--queue: not the address of a queue; give redis://HOST:PORT, or rediss://HOST:PORT for TLS",
    );
  if (url.password !== "")
    throw new InputError(
      "--queue: the address holds a password; give it by REDIS_PASSWORD or --password-file",
    );
  const db = url.pathname.slice(1);
  if (!/^\d*$/.test(db))
    throw new InputError(`--queue: ${url.pathname} is not a database; give its number, e.g. /0`);
  const port = url.port === "" ? 6379 : Number(url.port);
  const host = url.hostname.replaceAll(/[[\]]/g, "");
  const tls = url.protocol === "rediss:";
  const ca = given.text("tls-ca");
  if (ca !== undefined && !tls)
    throw new InputError("--tls-ca belongs to TLS; give --queue rediss://HOST:PORT");
  const file = given.text("password-file");
  const password =
    file === undefined ? terminal.env["REDIS_PASSWORD"] : read(terminal, "password-file", file).trim();
  return {
    shown: `${url.protocol}//${host}:${port}/${db === "" ? 0 : db}`,
    options: {
      host,
      port,
      db: Number(db),
      ...(url.username !== "" && { username: decodeURIComponent(url.username) }),
      ...(password !== undefined && password !== "" && { password }),
      ...(tls && { tls: ca === undefined ? {} : { ca: read(terminal, "tls-ca", ca) } }),
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(100 * times, longestPause),
    },
  };
}

function read(terminal: Terminal, flag: string, file: string): string {
  try {
    return readFileSync(resolve(terminal.cwd, file), "utf8");
  } catch (error) {
    throw new InputError(`--${flag} ${file}: cannot be read (${messageOf(error)})`);
  }
}

/** Throws InputError when the server does not answer now, or refuses the password. Leaves no connection open. */
export async function reach({ options, shown }: QueueServer): Promise<void> {
  const probe = new Redis({ ...options, lazyConnect: true, connectTimeout: 5000, retryStrategy: () => null });
  let cause: unknown;
  probe.on("error", (error: unknown) => (cause = error));
  try {
    await probe.connect();
    await probe.ping();
  } catch (error) {
    throw new InputError(
      `--queue ${shown}: no answer (${messageOf(cause ?? error)}); is the server up, and the password right?`,
    );
  } finally {
    probe.disconnect();
  }
}

/** A connection that outlives restarts of the server. */
export function connect({ options }: QueueServer): Redis {
  const connection = new Redis(options);
  connection.on("error", () => undefined);
  return connection;
}
