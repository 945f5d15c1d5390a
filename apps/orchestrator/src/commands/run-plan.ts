import { existsSync, realpathSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { ParsedArguments } from "../command-line/options.ts";
import { engineNamed } from "../engines.ts";
import { InputError } from "../input-error.ts";
import type { LoadedStudy } from "../load-study.ts";
import type { RunPlan } from "../run-study.ts";
import type { Terminal } from "../terminal.ts";
import { workerChoices } from "./study-options.ts";

/** What the command line says of a run into `shownOut`, whole or in part. */
export function runPlan(
  terminal: Terminal,
  given: ParsedArguments,
  loaded: LoadedStudy,
  shownOut: string,
): RunPlan & ReturnType<typeof workerChoices> {
  const choices = workerChoices(given);
  return {
    loaded,
    out: outputPath(terminal, shownOut, loaded),
    shownOut,
    engine: engineNamed(given.text("engine")),
    threads: given.number("threads") ?? availableParallelism(),
    retryFailed: given.has("retry-failed"),
    ...choices,
    workerFile: new URL(
      choices.isolation === "process" ? "../worker-process.js" : "../worker.js",
      import.meta.url,
    ),
  };
}

/** An input is never a target. */
function outputPath(terminal: Terminal, shown: string, loaded: LoadedStudy): string {
  const path = resolve(terminal.cwd, shown);
  const real = existsSync(path) ? realpathSync(path) : path;
  if (loaded.inputs.some((input) => realpathSync(input) === real))
    throw new InputError(`--out ${shown} is an input of this study; results go to another file`);
  return real;
}
