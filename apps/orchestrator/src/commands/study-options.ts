import type { OptionSpec } from "../command-line/options.ts";
import type { ParsedArguments } from "../command-line/options.ts";
import { engineNamed, engineWords } from "../engines.ts";
import type { StudyRequest } from "../load-study.ts";
import type { Terminal } from "../terminal.ts";

export const engineOption: OptionSpec = {
  flag: "engine",
  value: "ENGINE",
  description: `engine that evaluates the models: ${engineWords.join(", ")} (default auto)`,
};

/** Options of the verbs that read a study. */
export const studyOptions: readonly OptionSpec[] = [
  {
    flag: "set",
    value: "KEY=VALUE",
    repeat: true,
    description: "change a key of the study, e.g. --set design.replicates=10 (repeatable)",
  },
  engineOption,
];

export const threadsOption: OptionSpec = {
  flag: "threads",
  value: "N",
  kind: "integer",
  min: 1,
  max: 1024,
  description: "worker threads (default: one per core)",
};

/** Six hours: far beyond any fit, short enough that a replicate that hangs does not hold a core for ever. */
const defaultTimeLimit = 21_600;

/** Where fits happen. */
export const isolationOption: OptionSpec = {
  flag: "isolation",
  value: "KIND",
  choices: ["thread", "process"],
  description:
    "where replicates are fitted: worker threads (default), or processes, which also survive native code that aborts",
};

/** Options of the verbs that fit replicates: how they are guarded. They decide no number. */
export const workerOptions: readonly OptionSpec[] = [
  {
    flag: "time-limit",
    value: "SECONDS",
    kind: "number",
    min: 0.1,
    description: `a replicate that takes longer counts as failed (default ${defaultTimeLimit})`,
  },
  isolationOption,
];

/** What the command line says about them. */
export function workerChoices(given: ParsedArguments): {
  timeLimit: number;
  isolation: "thread" | "process";
} {
  return {
    timeLimit: given.number("time-limit") ?? defaultTimeLimit,
    isolation: given.text("isolation") === "process" ? "process" : "thread",
  };
}

/** The study a command line names. */
export function studyRequest(terminal: Terminal, given: ParsedArguments): StudyRequest {
  return {
    file: given.positionals[0] ?? "",
    cwd: terminal.cwd,
    overrides: given.list("set"),
    plugins: given.list("plugin"),
    engine: engineNamed(given.text("engine")),
  };
}
