import type { Terminal } from "../terminal.ts";
import type { OptionSpec, ParsedArguments, PositionalSpec } from "./options.ts";

/** A verb of the command line: what it takes, how it is shown in the help, and what it does. */
export interface Verb {
  readonly name: string;
  /** One line, for the list of verbs. */
  readonly summary: string;
  /** What to know before using it, for its own help. */
  readonly details?: string;
  readonly positionals: readonly PositionalSpec[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  /** Returns the exit code; throws InputError for exit code 2. */
  run(terminal: Terminal, given: ParsedArguments): Promise<number>;
}
