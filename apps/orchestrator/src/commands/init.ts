import { basename, resolve } from "node:path";
import { starterStudy } from "@moe-rates/study";
import { writeNewFile } from "../atomic-file.ts";
import type { Verb } from "../command-line/verb.ts";
import { writeLine } from "../terminal.ts";

/** `moe-rates init [FILE]`. */
export const init: Verb = {
  name: "init",
  summary: "write a commented study to start from",
  positionals: [{ name: "FILE", optional: true, description: "file to write (default study.yaml)" }],
  options: [{ flag: "force", description: "replace an existing file" }],
  examples: [
    { command: "moe-rates init my-study.yaml", does: "then edit it and run: moe-rates run my-study.yaml" },
  ],
  async run(terminal, given) {
    const file = given.positionals[0] ?? "study.yaml";
    writeNewFile(resolve(terminal.cwd, file), starterStudy({ name: studyName(file) }), given.has("force"));
    await writeLine(
      terminal.stderr,
      `wrote ${file}; next: moe-rates validate ${file}, moe-rates run ${file}`,
    );
    return 0;
  },
};

/** Name of the study: that of its file as far as names of studies allow. */
function studyName(file: string): string {
  const name = basename(file)
    .replace(/\.(ya?ml|json)$/i, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "");
  return name === "" ? "my-study" : name;
}
