import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { registryUnreachable } from "../bootstrap/child-process.mjs";
import { pnpmHome } from "../bootstrap/pinned-pnpm.mjs";
import { binaryOf, pathWith } from "../bootstrap/workspace-paths.mjs";
import { workspacePackages } from "../boundaries/workspace-packages.mjs";
import { writeFiles } from "./temporary-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const packages = workspacePackages(root).filter((one) => one.published);
const directory = mkdtempSync(join(tmpdir(), "moe-rates-pack-"));
const consumerOf = (folder: string) => join(directory, "consumers", folder);

const reason = "neither the registry nor the store has the third-party dependencies";
let unavailable = false;

function run(cwd: string, command: string, args: string[]) {
  const env = {
    ...process.env,
    CI: "true",
    PATH: pathWith(join(pnpmHome(), "node_modules", ".bin")),
    pnpm_config_fetch_retries: "1",
    pnpm_config_fetch_retry_mintimeout: "500",
  };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  return { status, stdout, output: `${stdout}${stderr}${error?.message ?? ""}` };
}

/** One empty project per package, each depending on nothing but that package's tarball. Nothing is hoisted, so a package
 *  sees exactly what its own package.json declares. */
function writeConsumers(tarballs: Map<string, string>) {
  const allowBuilds = /^allowBuilds:[^]*?(?=\n\S)/m.exec(
    readFileSync(join(root, "pnpm-workspace.yaml"), "utf8"),
  )?.[0];
  const overrides = [...tarballs].map(([name, file]) => `  "${name}": ${JSON.stringify(file)}`).join("\n");
  writeFiles(directory, {
    "package.json": { name: "consumers", private: true },
    "pnpm-workspace.yaml": `packages: [consumers/*]\nhoist: false\n${allowBuilds}\noverrides:\n${overrides}\n`,
    "tsconfig.json": {
      compilerOptions: {
        target: "ES2023",
        lib: ["ES2023"],
        module: "NodeNext",
        strict: true,
        noEmit: true,
        types: [],
      },
      include: ["consumers/*/index.ts"],
    },
  });
  for (const { folder, manifest } of packages) {
    writeFiles(consumerOf(folder), {
      "package.json": {
        name: `consumer-of-${folder}`,
        private: true,
        type: "module",
        dependencies: { [manifest.name]: tarballs.get(manifest.name) },
      },
      "index.ts": `export type Names = keyof typeof import("${manifest.name}");\n`,
    });
  }
}

beforeAll(() => {
  const packed = run(root, "pnpm", ["--filter", "./packages/*", "pack", "--pack-destination", directory]);
  expect(packed.status, packed.output).toBe(0);
  writeConsumers(
    new Map(
      packages.map(({ folder, manifest }) => {
        const file = readdirSync(directory).find((name) => name.startsWith(`moe-rates-${folder}-`));
        return [manifest.name, `file:${join(directory, file ?? "missing.tgz")}`];
      }),
    ),
  );
  const installed = run(directory, "pnpm", ["install", "--prefer-offline", "--no-frozen-lockfile"]);
  unavailable = installed.status !== 0 && registryUnreachable.test(installed.output);
  if (unavailable) console.warn(`skipped: ${reason}\n${installed.output}`);
  else expect(installed.status, installed.output).toBe(0);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.for(packages.map((one) => [one.folder, one] as const))("the packed %s", ([folder, one]) => {
  const name = one.manifest.name;

  test("imports alone and has the public names of its source", async ({ skip }) => {
    skip(unavailable, reason);
    const script = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(name)}))))`;
    const imported = run(consumerOf(folder), process.execPath, ["--input-type=module", "-e", script]);
    expect(imported.status, imported.output).toBe(0);
    const source = await import(pathToFileURL(join(one.directory, "src", "index.ts")).href);
    const names: string[] = JSON.parse(imported.stdout);
    expect(names.sort()).toEqual(Object.keys(source).sort());
    expect(names).not.toEqual([]);
  });

  test("ships the build, its source, README and LICENSE, and no tests", ({ skip }) => {
    skip(unavailable, reason);
    const shipped = readdirSync(join(consumerOf(folder), "node_modules", name), { recursive: true }).map(
      String,
    );
    const expected = [
      "package.json",
      "README.md",
      "LICENSE",
      "dist/index.js",
      "dist/index.d.ts",
      "src/index.ts",
    ];
    expect({
      missing: expected.filter((path) => !shipped.includes(path)),
      unwanted: shipped.filter((path) => /^(test|bench)\/|\.tsbuildinfo$|\.test\./.test(path)),
    }).toEqual({ missing: [], unwanted: [] });
  });
});

/** Complaints of the compiler that are not about declarations of others: those of TensorFlow.js use types of the DOM, which a Node project need not have. */
const ours = /^(?!node_modules\/\.pnpm\/(?!@moe-rates\+))\S/;

test("the packed declarations type-check in a project that knows no source condition", ({ skip }) => {
  skip(unavailable, reason);
  const checked = run(directory, process.execPath, [
    binaryOf(root, "typescript", "tsc"),
    "-p",
    "tsconfig.json",
  ]);
  expect(checked.output.split("\n").filter((line) => ours.test(line))).toEqual([]);
});
