import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { linkBinding, smokeTestBinding, unlinkBinding } from "../native/link-binding.mjs";
import { bindingHome, ensureBinding, isComplete, nativeCache } from "../native/native-cache.mjs";
import { fetchArchive, packagePrebuilt, sha256Of, unpack } from "../native/tensorflow-sources.mjs";
import { temporaryDirectory, writeFiles } from "./temporary-files.ts";

const script = fileURLToPath(new URL("../native/setup-native.mjs", import.meta.url));
const run = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });

describe("the command line of setup:native", () => {
  test("--help says what it does and names every option", () => {
    const { status, stdout } = run("--help");
    expect(status).toBe(0);
    for (const word of ["--archive", "--sha256", "--required", "MOE_RATES_NATIVE_CACHE"])
      expect(stdout).toContain(word);
  });

  test.for([
    [["--archive", "tf.whl"], "--archive and --sha256 go together"],
    [["--archive", "tf.whl", "--sha256", "abc"], "--sha256 must be 64 hex digits"],
    [["--wheel"], "see --help"],
  ] as const)("%j is bad usage", ([args, message]) => {
    const { status, stderr } = run(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe("the cache", () => {
  const home = () =>
    bindingHome(nativeCache({ MOE_RATES_NATIVE_CACHE: temporaryDirectory() }), {
      version: "4.22.0",
      napi: 8,
      source: "tf-2",
    });
  const build = async (directory: string) => writeFileSync(join(directory, "libtensorflow.so"), "");

  test("lies in the user's cache folder unless the environment names another one", () => {
    expect(nativeCache({ XDG_CACHE_HOME: "/cache" })).toBe(join("/cache", "moe-rates", "native"));
    expect(nativeCache({ XDG_CACHE_HOME: "/cache", MOE_RATES_NATIVE_CACHE: "/other" })).toBe("/other");
  });

  test("is filled once, also by several set-ups at once", async () => {
    const at = home();
    await Promise.all([ensureBinding(at, build), ensureBinding(at, build), ensureBinding(at, build)]);
    expect(readdirSync(join(at, ".."))).toHaveLength(1);
    expect(readdirSync(at).sort()).toEqual(["OK", "libtensorflow.so"]);
    await ensureBinding(at, () => Promise.reject(new Error("built twice")));
  });

  test("holds nothing of a build that failed, and replaces one that was killed", async () => {
    const at = home();
    await expect(ensureBinding(at, () => Promise.reject(new Error("no compiler")))).rejects.toThrow(
      "no compiler",
    );
    expect(readdirSync(join(at, ".."))).toEqual([]);
    mkdirSync(join(at, "half"), { recursive: true });
    await ensureBinding(at, build);
    expect(isComplete(at) && !existsSync(join(at, "half"))).toBe(true);
  });
});

describe("archives", () => {
  test("a file with another SHA-256 is refused with both of them", async () => {
    const directory = temporaryDirectory();
    const file = join(directory, "tensorflow.whl");
    writeFileSync(file, "not this one");
    const found = await sha256Of(file);
    await expect(fetchArchive(file, "0".repeat(64), directory)).rejects.toThrow(
      `${file} has SHA-256 ${found}, not 000`,
    );
    expect(await fetchArchive(file, found.toUpperCase(), directory)).toBe(file);
  });

  test("a missing file and an address that does not answer are named", async () => {
    const directory = temporaryDirectory();
    await expect(fetchArchive(join(directory, "none.whl"), "0".repeat(64), directory)).rejects.toThrow(
      "no such file",
    );
    await expect(fetchArchive("http://127.0.0.1:9/tf.tar.gz", "0".repeat(64), directory)).rejects.toThrow(
      "cannot be reached",
    );
  });

  test("an address is downloaded, checked and kept", async () => {
    const server = createServer((_, response) => response.end("an archive")).listen(0, "127.0.0.1");
    await new Promise((listening) => server.once("listening", listening));
    const directory = temporaryDirectory();
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/libtensorflow.tar.gz`;
    const sha256 = "35e38d0f65ddc9bb2fe8023c3b0d0eca5f2dab9c9ef2a4a1e4fd0ffe5d4b3f7f";
    await expect(fetchArchive(address, sha256, directory)).rejects.toThrow("has SHA-256");
    const found = await sha256Of(join(directory, "libtensorflow.tar.gz"));
    expect(await fetchArchive(address, found, directory)).toBe(join(directory, "libtensorflow.tar.gz"));
    server.close();
  });

  test("a libtensorflow archive gives its libraries and headers, any other archive a reason", async () => {
    const directory = temporaryDirectory();
    writeFiles(directory, {
      "good/lib/libtensorflow.so.2": "",
      "good/include/tensorflow/c/c_api.h": "",
      "bad/readme": "",
    });
    for (const name of ["good", "bad"])
      spawnSync("tar", ["-czf", join(directory, `${name}.tar.gz`), "-C", join(directory, name), "."]);
    const home = temporaryDirectory();
    await unpack(join(directory, "good.tar.gz"), home);
    expect(readdirSync(join(home, "deps", "lib"))).toEqual(["libtensorflow.so.2"]);
    expect(existsSync(join(home, "include", "tensorflow", "c", "c_api.h"))).toBe(true);
    await expect(unpack(join(directory, "bad.tar.gz"), temporaryDirectory())).rejects.toThrow(
      "bad.tar.gz holds no TensorFlow libraries",
    );
  });
});

describe("the package", () => {
  const packageWith = (files: Record<string, string>) => {
    const directory = temporaryDirectory();
    writeFiles(join(directory, "package"), { "package.json": '{"main":"index.js"}', ...files });
    return { directory, folder: join(directory, "package") };
  };

  test("its own install script runs on a copy, and what it made is kept", async () => {
    const made = `const fs = require("fs"); for (const d of ["lib/napi-v8", "deps/lib"]) fs.mkdirSync(d, { recursive: true });
      fs.writeFileSync("lib/napi-v8/tfjs_binding.node", ""); fs.writeFileSync("deps/lib/libtensorflow.so", "");`;
    const { directory, folder } = packageWith({ "scripts/install.js": made });
    const home = join(directory, "home");
    mkdirSync(home);
    await packagePrebuilt(folder, home, 8);
    expect(readdirSync(home).sort()).toEqual(["deps", "lib"]);
    expect(readdirSync(folder).sort()).toEqual(["package.json", "scripts"]);
  });

  test("an install script that fails, or downloads nothing for this platform, gives the reason", async () => {
    const failing = packageWith({ "scripts/install.js": 'throw new Error("getaddrinfo ENOTFOUND");' });
    await expect(packagePrebuilt(failing.folder, temporaryDirectory(), 8)).rejects.toThrow(
      "getaddrinfo ENOTFOUND",
    );
    const idle = packageWith({ "scripts/install.js": "" });
    await expect(packagePrebuilt(idle.folder, temporaryDirectory(), 8)).rejects.toThrow("no compiled addon");
  });

  test("its lib becomes a link, which is removed again; a folder of its own stays", async () => {
    const { directory, folder } = packageWith({});
    const home = join(directory, "home");
    await linkBinding(folder, home);
    await linkBinding(folder, home);
    expect(readlinkSync(join(folder, "lib"))).toBe(join(home, "lib"));
    await unlinkBinding(folder);
    expect(readdirSync(folder)).toEqual(["package.json"]);
    mkdirSync(join(folder, "lib"));
    await unlinkBinding(folder);
    expect(existsSync(join(folder, "lib"))).toBe(true);
  });

  test("one that crashes, or computes on another backend, does not pass", async () => {
    const crashing = packageWith({
      "index.js": 'throw new Error("libtensorflow_framework.so.2: cannot open");',
    });
    await expect(smokeTestBinding(crashing.folder)).rejects.toThrow("cannot open");
    const fake = `const one = { sum: () => ({ dataSync: () => [1] }) };
      module.exports = { tensor2d: () => one, grad: () => () => one, backend: () => ({}), getBackend: () => "cpu" };`;
    await expect(smokeTestBinding(packageWith({ "index.js": fake }).folder)).rejects.toThrow(
      "ran on cpu, not natively",
    );
  });
});
