import { chmodSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { InputError, exitCodeOf, messageOf } from "../input-error.ts";
import type { QueryResult } from "../store/query-result.ts";
import { writeLine } from "../terminal.ts";
import { longestRequest } from "./protocol.ts";
import type { LiveReply, LiveRequest } from "./protocol.ts";

/** What a running process can tell about its locked file. */
export interface LiveAnswers {
  status(): Promise<unknown>;
  query(sql: string, signal: AbortSignal): Promise<QueryResult>;
}

/** Listens on an owner-only socket. The caller holds the database's lock, so a socket left by a killed run is its own to replace. */
export async function serveLive(path: string, answers: LiveAnswers): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true });
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    receive(socket, answers);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        sockets.forEach((socket) => socket.destroy());
        rmSync(path, { force: true });
      }),
  };
}

function receive(socket: Socket, answers: LiveAnswers): void {
  const left = new AbortController();
  socket.on("close", () => left.abort());
  let text = "";
  const onData = (piece: string): void => {
    text += piece;
    const end = text.indexOf("\n");
    if (end < 0 && text.length > longestRequest) socket.destroy();
    if (end < 0) return;
    socket.off("data", onData);
    void answer(socket, text.slice(0, end), answers, left.signal).catch(() => socket.destroy());
  };
  socket.setEncoding("utf8").on("data", onData);
}

async function answer(
  socket: Socket,
  line: string,
  answers: LiveAnswers,
  signal: AbortSignal,
): Promise<void> {
  const send = (reply: LiveReply | { status: unknown }): Promise<void> =>
    writeLine(socket, JSON.stringify(reply));
  try {
    const request = JSON.parse(line) as LiveRequest;
    if (request.verb === "status") await send({ status: await answers.status() });
    else if (request.verb === "query" && typeof request.sql === "string") {
      const result = await answers.query(request.sql, signal);
      await send({ columns: result.columns });
      for await (const rows of result.pieces) {
        if (signal.aborted) return;
        await send({ rows });
      }
    } else throw new InputError("unknown request to a running process; is it another version of moe-rates?");
    await send({ end: true });
  } catch (error) {
    await send({ error: messageOf(error), exitCode: exitCodeOf(error) });
  }
  socket.end();
}
