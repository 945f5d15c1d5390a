import type { Problem } from "./types.ts";

/** Where a value stands: a line and column of the file, or the override that brought it. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly override?: string;
}

/** Collects the problems and warnings of one file. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Adds a problem. A value that is already reported at this place is not reported again: the first finding is the specific one. */
  report(place: Place, key: string, message: string): void {
    const again = this.problems.some(
      (problem) =>
        problem.key === key &&
        problem.line === place.line &&
        problem.column === place.column &&
        problem.override === place.override,
    );
    if (again) return;
    this.problems.push({ file: this.#file, ...place, key, message });
  }

  warn(place: Place, key: string, message: string): void {
    this.warnings.push({ file: this.#file, ...place, key, message });
  }

  /** True when nothing was reported at `key` or below it. */
  isClean(key: string): boolean {
    return !this.problems.some(
      (problem) =>
        problem.key === key || problem.key.startsWith(`${key}.`) || problem.key.startsWith(`${key}[`),
    );
  }

  /** Problems in the order of the file, overrides last. */
  sorted(): Problem[] {
    return this.problems.toSorted(byPlace);
  }

  sortedWarnings(): Problem[] {
    return this.warnings.toSorted(byPlace);
  }
}

function byPlace(a: Problem, b: Problem): number {
  return (a.line || Infinity) - (b.line || Infinity) || a.column - b.column || 0;
}

/** `FILE, line 3, fit.box: message`, or `--set fit.box: message` for a value that an override brought. */
export function formatProblem(problem: Problem): string {
  if (problem.override === undefined) {
    const key = problem.key === "" ? "" : `, ${problem.key}`;
    return `${problem.file}, line ${problem.line}${key}: ${problem.message}`;
  }
  const inner = problem.key === "" || problem.key === problem.override ? "" : `, ${problem.key}`;
  return `--set ${problem.override}${inner}: ${problem.message}`;
}

/** Key of a child: `truth` + `atoms` + 1 + `a` is `truth.atoms[1].a`. A name that is no plain word stands in quotes. */
export function childKey(parent: string, child: string | number): string {
  if (typeof child === "number") return `${parent}[${child}]`;
  const name = /^[\w$-]{1,60}$/.test(child) ? child : JSON.stringify(child.slice(0, 60));
  return parent === "" ? name : `${parent}.${name}`;
}
