import { didYouMean } from "./command-line/did-you-mean.ts";
import { programHelp, verbHelp } from "./command-line/help.ts";
import { commonOptions } from "./command-line/options.ts";
import { parseArguments } from "./command-line/parse-arguments.ts";
import { verbs } from "./command-line/verbs.ts";
import { InputError, Interrupted, exitCodeOf, exitCodes, messageOf } from "./input-error.ts";
import { ownVersion } from "./provenance.ts";
import { paint, printable, writeLine } from "./terminal.ts";
import type { Terminal } from "./terminal.ts";

/** Runs one command line (the words after the program's name) and returns its exit code. Never throws. */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    const interrupted = error instanceof Interrupted || terminal.signal.aborted;
    const label = interrupted ? "" : `${paint(terminal, "red", "error:")} `;
    terminal.stderr.write(`${label}${printable(messageOf(error))}\n`);
    if (
      !interrupted &&
      !(error instanceof InputError) &&
      (terminal.env["MOE_RATES_TRACE"] ?? "") !== "" &&
      error instanceof Error
    ) {
      terminal.stderr.write(`${error.stack}\n`);
    }
    return interrupted ? exitCodes.interrupted : exitCodeOf(error);
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [word, ...rest] = args;
  if (word === undefined)
    throw new InputError(
      `a verb is missing; known: ${verbs.map((verb) => verb.name).join(", ")}; see moe-rates --help`,
    );
  if (word === "--version" || word === "-v") return print(terminal, ownVersion());
  if (word === "--help" || word === "-h") return print(terminal, programHelp(verbs, ownVersion()));
  if (word === "help") return help(rest[0], terminal);
  const verb = verbNamed(word);
  const given = parseArguments(verb.name, rest, [...verb.options, ...commonOptions], verb.positionals);
  return given.has("help") ? print(terminal, verbHelp(verb)) : verb.run(terminal, given);
}

function help(word: string | undefined, terminal: Terminal): Promise<number> {
  return print(terminal, word === undefined ? programHelp(verbs, ownVersion()) : verbHelp(verbNamed(word)));
}

function verbNamed(word: string): (typeof verbs)[number] {
  const verb = verbs.find((one) => one.name === word);
  if (verb !== undefined) return verb;
  const known = verbs.map((one) => one.name);
  const what = word.startsWith("-") ? `unknown option ${word} before the verb` : `unknown verb "${word}"`;
  throw new InputError(`${what}; known: ${known.join(", ")}${didYouMean(word, known)}`);
}

async function print(terminal: Terminal, text: string): Promise<number> {
  await writeLine(terminal.stdout, text);
  return exitCodes.ok;
}
