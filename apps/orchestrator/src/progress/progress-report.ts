import { paint } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { formatCount, formatDuration } from "./format.ts";

/** What a progress line tells. */
export interface ProgressState {
  /** Share of the predicted work that is done, 0 to 1. */
  readonly share: number;
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly elapsedMs: number;
  /** Replicates finished by this run per second. */
  readonly perSecond: number;
  readonly remainingMs: number;
}

/** Draws progress on stderr: a bar that is redrawn on a terminal, one line per interval otherwise. */
export interface ProgressReport {
  /** Prints a line of its own above the bar. */
  log(text: string): void;
  stop(): void;
}

const barEveryMs = 200;
const lineEveryMs = 10_000;

/** Starts reporting; `state` is asked whenever something is drawn. */
export function startProgress(terminal: Terminal, state: () => ProgressState): ProgressReport {
  const { stderr, interactive } = terminal;
  const erase = interactive ? "\r\u001b[K" : "";
  const draw = (): void => {
    if (interactive) stderr.write(`${erase}${progressBar(terminal, state())}`);
    else stderr.write(`${progressLine(state())}\n`);
  };
  if (interactive) draw();
  const timer = setInterval(draw, interactive ? barEveryMs : lineEveryMs);
  return {
    log(text) {
      stderr.write(`${erase}${text}\n`);
    },
    stop() {
      clearInterval(timer);
      if (interactive) stderr.write(erase);
    },
  };
}

/** `43 % | 1,234/2,860 replicates | 12.3/s | 2 failed | 3 min 12 s left`. */
export function progressLine(state: ProgressState): string {
  const parts = [
    `${Math.floor(100 * state.share)} %`,
    `${formatCount(state.done)}/${formatCount(state.total)} replicates`,
    `${state.perSecond >= 10 ? state.perSecond.toFixed(0) : state.perSecond.toFixed(1)}/s`,
    `${formatCount(state.failed)} failed`,
    state.done >= state.total
      ? `${formatDuration(state.elapsedMs)} elapsed`
      : `${formatDuration(state.remainingMs)} left`,
  ];
  return parts.join(" | ");
}

function progressBar(terminal: Terminal, state: ProgressState): string {
  const line = progressLine(state);
  const width = Math.min(30, terminal.columns() - line.length - 4);
  const text =
    state.failed > 0 ? line.replace(/[\d,]+ failed/, (failed) => paint(terminal, "red", failed)) : line;
  if (width < 5) return line.slice(0, Math.max(0, terminal.columns() - 1));
  const full = Math.round(width * Math.min(1, Math.max(0, state.share)));
  return `[${paint(terminal, "green", "#".repeat(full))}${"-".repeat(width - full)}] ${text}`;
}
