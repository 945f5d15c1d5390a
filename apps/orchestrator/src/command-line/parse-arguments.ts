import { parseArgs } from "node:util";
import { InputError } from "../input-error.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { OptionSpec, ParsedArguments, PositionalSpec } from "./options.ts";

/** Reads the arguments after the verb. Throws InputError naming what came, what is allowed and the nearest known word. */
export function parseArguments(
  verb: string,
  args: readonly string[],
  options: readonly OptionSpec[],
  positionals: readonly PositionalSpec[],
): ParsedArguments {
  const config: Record<string, { type: "string" | "boolean"; short?: string; multiple?: boolean }> = {};
  for (const option of options) {
    config[option.flag] = {
      type: option.value === undefined ? "boolean" : "string",
      ...(option.short === undefined ? {} : { short: option.short }),
    };
  }
  // SQL may begin with a remark: `-- ...` is an argument, not an option.
  const words = args.map((word) => (/^--\s/.test(word) ? ` ${word}` : word));
  const { tokens } = parseArgs({
    args: words,
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const given: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") given.push(token.value);
    if (token.kind !== "option") continue;
    const option = options.find((candidate) => candidate.flag === token.name);
    if (option === undefined) throw unknownOption(verb, token.rawName, options);
    values.set(option.flag, [
      ...(values.get(option.flag) ?? []),
      optionText(verb, option, token.value, values.has(option.flag)),
    ]);
  }
  if (values.has("help")) return parsed([], values);
  checkPositionals(verb, given, positionals);
  for (const option of options) {
    if (option.required && !values.has(option.flag))
      throw new InputError(`${verb}: --${option.flag} ${option.value} is required; ${seeHelp(verb)}`);
  }
  return parsed(given, values);
}

function unknownOption(verb: string, name: string, options: readonly OptionSpec[]): InputError {
  const known = options.map((option) => `--${option.flag}`);
  return new InputError(
    `${verb}: unknown option ${name}; known: ${known.join(", ")}${didYouMean(name, known)}`,
  );
}

function optionText(verb: string, option: OptionSpec, value: string | undefined, seen: boolean): string {
  const name = `${verb}: --${option.flag}`;
  if (seen && option.repeat !== true && option.value !== undefined)
    throw new InputError(`${name} is given twice`);
  if (option.value === undefined) {
    if (value !== undefined) throw new InputError(`${name} takes no value, got ${JSON.stringify(value)}`);
    return "";
  }
  if (value === undefined || value === "") throw new InputError(`${name} needs a value ${option.value}`);
  if (option.choices !== undefined && !option.choices.includes(value)) {
    throw new InputError(
      `${name}: unknown ${option.value.toLowerCase()} "${value}"; known: ${option.choices.join(", ")}${didYouMean(value, option.choices)}`,
    );
  }
  if (option.kind === "integer" || option.kind === "number") checkNumber(name, option, value);
  return value;
}

function checkNumber(name: string, option: OptionSpec, text: string): void {
  const value = Number(text);
  const wanted = option.kind === "integer" ? "a whole number" : "a number";
  const range = [
    option.min === undefined ? "" : ` of at least ${option.min}`,
    option.max === undefined ? "" : ` and at most ${option.max}`,
  ].join("");
  const right =
    text.trim() !== "" &&
    Number.isFinite(value) &&
    (option.kind !== "integer" || Number.isSafeInteger(value));
  if (!right || value < (option.min ?? -Infinity) || value > (option.max ?? Infinity))
    throw new InputError(`${name} must be ${wanted}${range}, got "${text}"`);
}

function checkPositionals(
  verb: string,
  words: readonly string[],
  positionals: readonly PositionalSpec[],
): void {
  const missing = positionals.find((positional, index) => !positional.optional && index >= words.length);
  if (missing !== undefined)
    throw new InputError(`${verb}: ${missing.name} is missing (${missing.description}); ${seeHelp(verb)}`);
  if (words.length > positionals.length && positionals.at(-1)?.repeatable !== true)
    throw new InputError(`${verb}: unexpected argument "${words[positionals.length]}"; ${seeHelp(verb)}`);
}

function seeHelp(verb: string): string {
  return `see moe-rates ${verb} --help`;
}

function parsed(positionals: readonly string[], values: ReadonlyMap<string, string[]>): ParsedArguments {
  const text = (flag: string): string | undefined => values.get(flag)?.at(-1);
  return {
    positionals,
    text,
    number: (flag) => (text(flag) === undefined ? undefined : Number(text(flag))),
    list: (flag) => values.get(flag) ?? [],
    has: (flag) => values.has(flag),
  };
}
