import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { servePage } from "../src/live/serve-page.ts";
import { command, startCommand, startFakeRun, temporaryFolder, until, writeStudy } from "./support.ts";

const folder = temporaryFolder();

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

function ask(
  address: string,
  options: { method?: string; path?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { port } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path: "/", ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    sent.once("error", reject);
    sent.end();
  });
}

function counted(): { source: Parameters<typeof servePage>[0]; state: { version: string; drawn: number } } {
  const state = { version: "1", drawn: 0 };
  const render = async (tag: string): Promise<string> => {
    state.drawn += 1;
    return `page ${tag}`;
  };
  return { state, source: { version: () => state.version, render } };
}

test("a page is drawn once per version, and a reader who knows it gets no body", async () => {
  const { state, source } = counted();
  const page = await servePage(source, 0);
  const first = await ask(page.address);
  expect(first).toMatchObject({
    status: 200,
    text: 'page "1"',
    headers: { etag: '"1"', "x-run": "running" },
  });
  expect(await ask(page.address, { headers: { "if-none-match": '"1"' } })).toMatchObject({
    status: 304,
    text: "",
  });
  expect(state.drawn).toBe(1);
  await page.close();
});

test.for(["example.org", "127.0.0.1", "127.0.0.1:1", "localhost.example.org:80", "[::1]:80"])(
  "a request for host %s is refused: another name cannot point at the page",
  async (host) => {
    const page = await servePage(counted().source, 0);
    const answer = await ask(page.address, { headers: { host } });
    expect(answer).toMatchObject({ status: 421, text: "this page is served to its own machine alone\n" });
    await page.close();
  },
);

test("the page can be read under its own two names and written under none", async () => {
  const page = await servePage(counted().source, 0);
  const { port } = new URL(page.address);
  expect((await ask(page.address, { headers: { host: `localhost:${port}` } })).status).toBe(200);
  expect((await ask(page.address, { method: "HEAD" })).status).toBe(200);
  expect((await ask(page.address, { method: "POST" })).status).toBe(405);
  expect((await ask(page.address, { path: "/etc/passwd" })).status).toBe(404);
  expect((await ask(page.address)).headers).not.toHaveProperty("access-control-allow-origin");
  await page.close();
});

test("a reader who was there gets the last page before the end; nobody is waited for otherwise", async () => {
  const { state, source } = counted();
  const watched = await servePage(source, 0);
  await ask(watched.address);
  state.version = "2";
  const end = watched.end();
  expect(await ask(watched.address)).toMatchObject({ text: 'page "2-ended"', headers: { "x-run": "ended" } });
  await end;
  await expect(ask(watched.address)).rejects.toThrow();
  const alone = await servePage(counted().source, 0);
  const before = performance.now();
  await alone.end();
  expect(performance.now() - before).toBeLessThan(5000);
});

test("a page that was being drawn when the run ended is drawn again for whoever asks after the end", async () => {
  const pictures: ((text: string) => void)[] = [];
  const render = (): Promise<string> => new Promise((resolve) => pictures.push(resolve));
  const page = await servePage({ version: () => "1", render }, 0);
  const early = ask(page.address);
  await until(() => pictures.length === 1);
  const end = page.end();
  const late = ask(page.address);
  pictures[0]("half-way");
  expect(await early).toMatchObject({ text: "half-way", headers: { "x-run": "running" } });
  await until(() => pictures.length === 2);
  pictures[1]("whole");
  expect(await late).toMatchObject({ text: "whole", headers: { "x-run": "ended", etag: '"1-ended"' } });
  await end;
});

test("a reader whose last page takes long to draw still gets it", async () => {
  const { state, source } = counted();
  let draw = (): void => undefined;
  const drawn = new Promise<void>((resolve) => (draw = resolve));
  const slow = {
    ...source,
    render: async (tag: string) => (tag === '"2-ended"' ? drawn.then(() => "last") : source.render(tag)),
  };
  const page = await servePage(slow, 0);
  await ask(page.address);
  state.version = "2";
  let closed = false;
  const end = page.end().then(() => (closed = true));
  const last = ask(page.address);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(closed).toBe(false);
  draw();
  expect(await last).toMatchObject({ text: "last", headers: { "x-run": "ended" } });
  await end;
});

test("a running study serves its report, and the page goes with the run", async () => {
  const study = writeStudy(folder, { sizes: [100, 200], replicates: 4 });
  const heldUntil = join(folder, "go");
  const run = startFakeRun(study, join(folder, "w.duckdb"), 1, { heldUntil }, { WATCH: "1" });
  let said = "";
  run.process.stderr!.on("data", (piece: Buffer) => (said += piece.toString()));
  await until(() => said.includes("report: http://127.0.0.1:"), run);
  const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(said)![0];
  const page = await ask(address);
  expect(page.status).toBe(200);
  expect(page.text.includes("<h1>tiny</h1>")).toBe(true);
  expect(page.text.includes("connect-src &#39;self&#39;")).toBe(true);
  expect(page.text.includes("0 of 16 replicates done")).toBe(true);
  writeFileSync(heldUntil, "");
  let last = page;
  await until(async () => {
    last = await ask(address);
    return last.headers["x-run"] === "ended";
  });
  expect(last.text.includes("16 of 16 replicates done")).toBe(true);
  expect((await run.ended).code).toBe(0);
  await expect(ask(address)).rejects.toThrow();
});

test("a port that is taken is bad input, before any work", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const port = String((other.address() as AddressInfo).port);
  const study = writeStudy(folder, { sizes: [100, 200], replicates: 1 });
  const out = join(folder, "taken.duckdb");
  const { code, err } = await startCommand(["run", study, "--out", out, "--watch", "--port", port]).ended;
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringContaining(`--port ${port}: another program listens there`),
  });
  expect(JSON.parse((await command(".", "query", out, "SELECT * FROM runs", "--json")).out)).toEqual([]);
  expect((await command(".", "run", study, "--port", "80")).err).toContain("--port belongs to --watch");
  other.close();
});
