/** One option of a verb, written `--flag VALUE` or `--flag`. */
export interface OptionSpec {
  readonly flag: string;
  readonly short?: string;
  /** Name of the value in the help; without it the option is a switch. */
  readonly value?: string;
  /** How the value is read: text as it stands (default), an integer or a number within [min, max]. */
  readonly kind?: "text" | "integer" | "number";
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  readonly repeat?: boolean;
  readonly required?: boolean;
  readonly description: string;
}

/** A positional argument of a verb. */
export interface PositionalSpec {
  readonly name: string;
  readonly optional?: boolean;
  /** The last one may be given several times. */
  readonly repeatable?: boolean;
  readonly description: string;
}

/** What the command line said: values by flag (a list for repeated options), and the positionals in order. */
export interface ParsedArguments {
  readonly positionals: readonly string[];
  text(flag: string): string | undefined;
  number(flag: string): number | undefined;
  list(flag: string): readonly string[];
  has(flag: string): boolean;
}

/** Options every verb understands. */
export const commonOptions: readonly OptionSpec[] = [
  {
    flag: "plugin",
    value: "FILE",
    repeat: true,
    description: "load gatings and experts of your own from an ES module (repeatable)",
  },
  { flag: "help", short: "h", description: "show this help" },
];

/** The option of the verbs that print results. */
export const jsonOption: OptionSpec = { flag: "json", description: "print machine-readable JSON to stdout" };
