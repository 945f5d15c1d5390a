import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { runForeground, runQuietly, SetupError } from "../bootstrap/child-process.mjs";
import { ensurePnpm, pnpmHome, pnpmVersion } from "../bootstrap/pinned-pnpm.mjs";
import { nodeProblem } from "../bootstrap/supported-node.mjs";
import { pathWith } from "../bootstrap/workspace-paths.mjs";
import { temporaryDirectory, writeFiles } from "./temporary-files.ts";

const bootstrap = fileURLToPath(new URL("../bootstrap.mjs", import.meta.url));

test("an unknown command is bad usage and names the known ones", () => {
  const { status, stderr } = spawnSync(process.execPath, [bootstrap, "tset"], { encoding: "utf8" });
  expect(stderr).toBe(
    'moe-rates: unknown command "tset"; known: setup, setup:native, start, test, reproduce, bench\n',
  );
  expect(status).toBe(2);
});

describe("Node versions", () => {
  test.for(["20.19.0", "20.20.2", "22.12.0", "22.23.3", "24.0.0"])("%s is supported", (version) => {
    expect(nodeProblem(version)).toBeNull();
  });

  test.for(["18.20.8", "20.18.3", "22.11.0", "23.5.0"])(
    "%s is refused, with the versions to use",
    (version) => {
      expect(nodeProblem(version)).toBe(
        `Node ${version} is not supported; use 20.19 or later of 20, 22.12 or later of 22, or 24`,
      );
    },
  );
});

describe("PATH of the commands that are started", () => {
  const own = dirname(process.execPath);

  test("has the running Node before another one", () => {
    const other = temporaryDirectory();
    writeFiles(other, { node: "#!/bin/sh\n" });
    chmodSync(join(other, "node"), 0o755);
    expect(pathWith("/pnpm", [other, "/rest"].join(delimiter))).toBe(
      ["/pnpm", own, other, "/rest"].join(delimiter),
    );
    expect(pathWith("/pnpm", "")).toBe(["/pnpm", own].join(delimiter));
  });

  test("keeps the user's order where node leads to the running Node already", () => {
    const linked = temporaryDirectory();
    symlinkSync(process.execPath, join(linked, "node"));
    const path = ["/shims", linked, "/rest"].join(delimiter);
    expect(pathWith("/pnpm", path)).toBe(["/pnpm", path].join(delimiter));
  });
});

describe("the pinned pnpm", () => {
  const install = async (directory: string) =>
    writeFiles(directory, { "node_modules/.bin/pnpm": "#!/bin/sh\n" });

  test("lives in XDG_CACHE_HOME when it is set", () => {
    expect(pnpmHome({ XDG_CACHE_HOME: "/cache" })).toBe(join("/cache", "moe-rates", `pnpm-${pnpmVersion}`));
  });

  test("is installed once and found afterwards", async () => {
    const home = join(temporaryDirectory(), "cache", "pnpm");
    let installations = 0;
    const counted = async (directory: string) => {
      installations++;
      await install(directory);
    };
    const first = await ensurePnpm(home, counted);
    expect(await ensurePnpm(home, counted)).toBe(first);
    expect(installations).toBe(1);
    expect(existsSync(join(first, "pnpm"))).toBe(true);
  });

  test("survives two installations at once, leaving one complete directory", async () => {
    const cache = temporaryDirectory();
    const home = join(cache, "pnpm");
    await Promise.all([ensurePnpm(home, install), ensurePnpm(home, install), ensurePnpm(home, install)]);
    expect(readdirSync(cache)).toEqual(["pnpm"]);
    expect(existsSync(join(home, "complete"))).toBe(true);
  });

  test("replaces an installation that never completed", async () => {
    const home = join(temporaryDirectory(), "pnpm");
    writeFiles(home, { "node_modules/half": "" });
    await ensurePnpm(home, install);
    expect(existsSync(join(home, "node_modules", "half"))).toBe(false);
    expect(existsSync(join(home, "complete"))).toBe(true);
  });

  test("leaves nothing behind when npm fails", async () => {
    const cache = temporaryDirectory();
    const failing = () => Promise.reject(new SetupError("npm failed"));
    await expect(ensurePnpm(join(cache, "pnpm"), failing)).rejects.toThrow("npm failed");
    expect(readdirSync(cache)).toEqual([]);
  });
});

describe("a set-up step", () => {
  const step = (script: string) => runQuietly("stepping", process.execPath, ["-e", script]);

  test("fails with its exit code and keeps what it printed", async () => {
    await expect(step("console.log('reason'); process.exit(3)")).rejects.toMatchObject({
      message: expect.stringContaining("ended with exit code 3"),
      output: "reason\n",
      exitCode: 1,
    });
  });

  test("that cannot reach the registry says what to check", async () => {
    const failure = step("console.error('error sending request: ENOTFOUND'); process.exit(1)");
    await expect(failure).rejects.toThrow("stepping failed: the npm registry cannot be reached");
  });

  test("that was interrupted gives 128 + the signal's number", async () => {
    await expect(step("process.kill(process.pid, 'SIGINT')")).rejects.toMatchObject({ exitCode: 130 });
  });

  test("whose program is missing says so", async () => {
    await expect(runQuietly("stepping", "no-such-program", [])).rejects.toThrow(
      "no-such-program cannot be started",
    );
  });
});

describe("the foreground command", () => {
  test("passes its exit code on", async () => {
    expect(await runForeground(process.execPath, ["-e", "process.exit(4)"])).toBe(4);
  });

  test("gets SIGTERM and decides itself when and how to end", async () => {
    const script = `
      process.on("SIGTERM", () => setTimeout(() => { console.log("flushed"); process.exit(130); }, 50));
      console.log("ready"); setInterval(() => {}, 1000);`;
    const modulePath = new URL("../bootstrap/child-process.mjs", import.meta.url).href;
    const parent = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `import { runForeground } from ${JSON.stringify(modulePath)};
       process.exitCode = await runForeground(process.execPath, ["-e", ${JSON.stringify(script)}]);`,
    ]);
    let output = "";
    const code = await new Promise((resolve) => {
      parent.on("close", resolve);
      parent.stdout.on("data", (text) => {
        if (String(text).includes("ready")) parent.kill("SIGTERM");
        output += text;
      });
    });
    expect(output).toBe("ready\nflushed\n");
    expect(code).toBe(130);
  });
});
