import { commonOptions } from "./options.ts";
import type { OptionSpec } from "./options.ts";
import type { Verb } from "./verb.ts";

/** The help of the program: every verb in a line. */
export function programHelp(verbs: readonly Verb[], version: string): string {
  return [
    `moe-rates ${version}: Monte Carlo convergence rates of mixture-of-experts estimators`,
    "",
    "Usage: moe-rates <verb> [arguments] [options]",
    "",
    "Verbs:",
    ...table(verbs.map((verb) => [verb.name, verb.summary])),
    "",
    "Options:",
    ...table([
      ["-h, --help", "show this help, or that of a verb: moe-rates run --help"],
      ["--version", "print the version"],
    ]),
    "",
    "Examples:",
    "  moe-rates init study.yaml && moe-rates run study.yaml",
    '  moe-rates query study.duckdb "SELECT * FROM rates"',
    "",
    "Exit codes: 0 ok, 1 failure, 2 usage or bad input, 3 finished with failed replicates, 4 target not met, 130 interrupted after a clean flush.",
  ].join("\n");
}

/** The help of a verb, with examples. */
export function verbHelp(verb: Verb): string {
  const words = verb.positionals.map((positional) =>
    positional.optional ? `[${positional.name}]` : positional.name,
  );
  return [
    `moe-rates ${verb.name}: ${verb.summary}`,
    "",
    `Usage: ${["moe-rates", verb.name, ...words, "[options]"].join(" ")}`,
    ...(verb.details === undefined ? [] : ["", verb.details]),
    ...(verb.positionals.length === 0
      ? []
      : [
          "",
          "Arguments:",
          ...table(verb.positionals.map((positional) => [positional.name, positional.description])),
        ]),
    "",
    "Options:",
    ...table([...verb.options, ...commonOptions].map((option) => [optionHead(option), option.description])),
    "",
    "Examples:",
    ...verb.examples.flatMap((example) => [`  ${example.command}`, `      ${example.does}`]),
  ].join("\n");
}

function optionHead(option: OptionSpec): string {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  return `${short}--${option.flag}${option.value === undefined ? "" : ` ${option.value}`}`;
}

function table(rows: readonly (readonly [string, string])[] | readonly string[][]): string[] {
  const width = Math.max(...rows.map(([head]) => head?.length ?? 0));
  return rows.map(([head, text]) => `  ${(head ?? "").padEnd(width)}  ${text ?? ""}`);
}
