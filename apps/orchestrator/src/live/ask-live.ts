import { connect } from "node:net";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Json } from "@duckdb/node-api";
import { InputError } from "../input-error.ts";
import type { QueryResult } from "../store/query-result.ts";
import type { LiveReply, LiveRequest } from "./protocol.ts";
import { socketCandidates } from "./socket-path.ts";

/** Connects to the process that runs on `file`; null when none answers. */
export async function connectLive(file: string, env: NodeJS.ProcessEnv): Promise<Socket | null> {
  for (const path of socketCandidates(file, env)) {
    const socket = await new Promise<Socket | null>((resolve) => {
      const attempt = connect(path, () => resolve(attempt));
      attempt.once("error", () => resolve(null));
    });
    if (socket !== null) return socket;
  }
  return null;
}

/** The status of a running process. */
export async function liveStatus(socket: Socket): Promise<unknown> {
  for await (const reply of replies(socket, { verb: "status" })) if ("status" in reply) return reply.status;
  throw new Error("the running process closed the connection without an answer");
}

/** A query answered by a running process; the rows stream. */
export async function liveQuery(socket: Socket, sql: string): Promise<QueryResult> {
  const stream = replies(socket, { verb: "query", sql });
  const first = await stream.next();
  if (first.done === true || !("columns" in first.value))
    throw new Error("the running process closed the connection without an answer");
  return { columns: first.value.columns, pieces: rowPieces(stream) };
}

async function* rowPieces(stream: AsyncIterable<LiveReply>): AsyncGenerator<readonly (readonly Json[])[]> {
  for await (const reply of stream) {
    if ("rows" in reply) yield reply.rows;
    if ("end" in reply) return;
  }
  throw new Error("the running process ended before the whole answer was sent");
}

async function* replies(socket: Socket, request: LiveRequest): AsyncGenerator<LiveReply> {
  socket.on("error", () => socket.destroy());
  const lines = createInterface({ input: socket, crlfDelay: Infinity });
  socket.write(`${JSON.stringify(request)}\n`);
  try {
    for await (const line of lines) {
      const reply = JSON.parse(line) as LiveReply;
      if ("error" in reply) throw reply.exitCode === 2 ? new InputError(reply.error) : new Error(reply.error);
      yield reply;
    }
  } finally {
    socket.destroy();
  }
}
