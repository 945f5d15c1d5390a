import type { Writable } from "node:stream";

/** Where a verb reads its surroundings and writes its words: results to stdout, progress and logs to stderr. */
export interface Terminal {
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** True when stderr is a terminal: only then bars are drawn. */
  readonly interactive: boolean;
  /** Width of the terminal in columns. */
  columns(): number;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** The terminal of this process. */
export function processTerminal(signal: AbortSignal): Terminal {
  const { stdout, stderr, env } = process;
  const interactive = stderr.isTTY === true && env["TERM"] !== "dumb" && env["CI"] === undefined;
  return {
    stdout,
    stderr,
    env,
    signal,
    cwd: process.cwd(),
    interactive,
    columns: () => stderr.columns ?? 80,
  };
}

/** True when a stream ends at a person's screen. */
export function isTerminal(stream: Writable): boolean {
  return (stream as Writable & { isTTY?: boolean }).isTTY === true;
}

/** ANSI colours when the stream is a terminal and NO_COLOR is not set; the text itself otherwise. */
export function paint(
  terminal: Terminal,
  colour: "red" | "green" | "yellow" | "dim" | "bold",
  text: string,
): string {
  if (!terminal.interactive || (terminal.env["NO_COLOR"] ?? "") !== "") return text;
  const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;
  return `\u001b[${codes[colour]}m${text}\u001b[0m`;
}

/** Writes a line and waits when the reader is slower than we are. */
export async function writeLine(stream: Writable, text: string): Promise<void> {
  if (stream.destroyed) return;
  if (!stream.write(`${text}\n`)) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stream.off("drain", done);
        stream.off("close", done);
        stream.off("error", done);
        resolve();
      };
      stream.once("drain", done).once("close", done).once("error", done);
    });
  }
}

/** Text from a file or a command line without the characters that steer a terminal: they are shown as their escapes. Line ends stay. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return character === "\t" ? " " : `\\u${code}`;
  });
}
