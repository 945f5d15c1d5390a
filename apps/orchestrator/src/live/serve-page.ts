import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { InputError, messageOf } from "../input-error.ts";

/** What the page shows now. */
export interface PageSource {
  /** Another value whenever the page may read differently. */
  version(): string;
  /** The page as text. `tag` names the version it shows. */
  render(tag: string): Promise<string>;
}

/** A page that is served on this machine alone. */
export interface ServedPage {
  readonly address: string;
  /** Says that the run has ended. A reader who was there a moment ago gets the last version first. */
  end(): Promise<void>;
  /** Stops at once. */
  close(): Promise<void>;
}

/** A reader asks every two seconds; one who has not asked for this long has left. */
const readerMs = 10_000;
/** How long the end waits at most for such a reader, whose last page may have to be drawn first. */
const farewellMs = 60_000;
/** Drawing takes at most this share of the time while somebody reads: the cores belong to the fits. */
const drawingShare = 0.02;

/** In the tag of a page that shows a run after its end. */
const endedMark = "-ended";

const headers = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** Serves a page on 127.0.0.1; port 0 takes a free one. Requests under another host name are refused, so that no web site can read it by
 *  pointing its own name here. Throws InputError when the port cannot be had. */
export async function servePage(source: PageSource, port: number): Promise<ServedPage> {
  let page: { tag: string; text: string; until: number } | null = null;
  let drawing: Promise<string> | null = null;
  let [lastAsked, asking, lastServed, ended] = [-Infinity, 0, false, false];

  const draw = async (): Promise<string> => {
    const tag = `"${source.version()}${ended ? endedMark : ""}"`;
    if (page !== null && (page.tag === tag || (!ended && performance.now() < page.until))) return page.tag;
    const start = performance.now();
    const text = await source.render(tag);
    const now = performance.now();
    page = { tag, text, until: now + (now - start) / drawingShare };
    return tag;
  };
  const drawn = (): Promise<string> => (drawing ??= draw().finally(() => (drawing = null)));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const last = ended;
    let tag = await drawn();
    // What was being drawn when the run ended is not its last state.
    if (last && !tag.includes(endedMark)) tag = await drawn();
    const known = request.headers["if-none-match"] === tag;
    response.writeHead(known ? 304 : 200, { ...headers, etag: tag, "x-run": last ? "ended" : "running" });
    response.end(known || request.method === "HEAD" ? "" : page?.text);
    await finished(response);
    if (last) lastServed = true;
  };
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, server);
    if (refusal === null) {
      asking += 1;
      answer(request, response)
        .catch((error: unknown) => refuseLate(response, error))
        .finally(() => {
          asking -= 1;
          lastAsked = performance.now();
        });
    } else
      response
        .writeHead(refusal.status, { "content-type": "text/plain", connection: "close" })
        .end(refusal.why);
  });
  await listening(server, port);
  server.unref();
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    address: `http://127.0.0.1:${portOf(server)}/`,
    async end() {
      ended = true;
      const deadline = performance.now() + farewellMs;
      const present = (): boolean => asking > 0 || performance.now() - lastAsked < readerMs;
      while (present() && !lastServed && performance.now() < deadline) await sleep(50);
      await close();
    },
    close,
  };
}

/** Resolves when an answer is on its way or its reader has left. */
function finished(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.writableFinished || response.destroyed) return resolve();
    response.once("finish", resolve).once("close", resolve);
  });
}

/** An answer that could not be drawn. */
function refuseLate(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { "content-type": "text/plain" }).end(messageOf(error));
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new InputError(
          `--port ${port}: ${error.code === "EADDRINUSE" ? "another program listens there" : messageOf(error)}`,
        ),
      ),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function refusalOf(
  { method, headers: { host }, url }: IncomingMessage,
  server: Server,
): { status: number; why: string } | null {
  const own = ["127.0.0.1", "localhost"].map((name) => `${name}:${portOf(server)}`);
  if (host === undefined || !own.includes(host))
    return { status: 421, why: "this page is served to its own machine alone\n" };
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, why: "the page can be read, nothing else\n" };
  if (url !== "/") return { status: 404, why: "there is one page: /\n" };
  return null;
}
