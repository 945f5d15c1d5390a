import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const guide = join(root, "docs", "guide");
const directory = mkdtempSync(join(tmpdir(), "moe-rates-guide-"));

/** `npx moe-rates` is the built command. Its runs take two replicates at two sizes: what the pages show is not compared, so the study may be small. */
const prelude = `
set -euo pipefail
npx() {
  shift
  if [ "$1" = run ]; then
    "$NODE" "$COMMAND" "$@" --set design.replicates=2 --set 'design.sampleSizes=[200, 400]'
  else
    "$NODE" "$COMMAND" "$@"
  fi
}
node() { "$NODE" "$@"; }
`;

/** The commands of a page: lines that begin with \`$\` in console blocks, with the lines that belong to them until the shell has a whole command. */
function commandsOf(page: string): string[] {
  const blocks = [...readFileSync(join(guide, page), "utf8").matchAll(/^```console\n([\s\S]*?)^```$/gm)];
  return blocks.flatMap(([, block = ""]) => {
    const commands: string[] = [];
    let open = "";
    for (const line of block.split("\n")) {
      if (open === "" && !line.startsWith("$ ")) continue;
      open = open === "" ? line.slice(2) : `${open}\n${line}`;
      if (spawnSync("bash", ["-n", "-c", open]).status !== 0) continue;
      commands.push(open);
      open = "";
    }
    expect(open, `a command of ${page} has no end`).toBe("");
    return commands;
  });
}

/** A command that says what it is doing and must end as the page says: with 0, or as its comment `# exits with N` has it. */
function checked(command: string): string {
  const expected = /# exits with (\d+)$/.exec(command)?.[1] ?? "0";
  const title = `$ ${command.split("\n", 1)[0]}`.replaceAll("'", String.raw`'\''`);
  const run =
    expected === "0"
      ? command
      : `code=0; ${command.replace(/#.*$/, "")} || code=$?; test "$code" = ${expected}`;
  return `echo '${title}' >&2\n${run}`;
}

function runPage(page: string): void {
  const commands = commandsOf(page);
  expect(commands).not.toEqual([]);
  const { status, stderr } = spawnSync("bash", ["-c", [prelude, ...commands.map(checked)].join("\n")], {
    cwd: directory,
    encoding: "utf8",
    env: {
      ...process.env,
      NODE: process.execPath,
      COMMAND: join(root, "apps", "orchestrator", "bin", "moe-rates.mjs"),
    },
  });
  expect(status, stderr).toBe(0);
}

beforeAll(() => {
  symlinkSync(join(root, "examples"), join(directory, "examples"));
  runPage("README.md");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("every command of the guide runs:", () => {
  const pages = readdirSync(guide).filter((name) => name.endsWith(".md") && name !== "README.md");
  test.for(pages)("%s", (page) => runPage(page));

  test("the index names every page", () => {
    const index = readFileSync(join(guide, "README.md"), "utf8");
    for (const page of pages) expect(index).toContain(`(${page})`);
  });
});
