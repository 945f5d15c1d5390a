/** @typedef {string | number} Cell
 *  @typedef {{caption: string, columns: readonly string[], rows: Cell[][], notes: string[]}} Table
 *  @typedef {{name: string, inputs: number, n: number, k: number, seconds: number}} CurvePoint one fit time of the cost curve
 *  @typedef {{tables: Table[], software: string[], points: CurvePoint[]}} Measured what a part measured */

/** A part's tables. Every row is printed when it is measured.
 *  @param {(text: string) => void} write */
export function createReport(write) {
  /** @type {Measured} */
  const measured = { tables: [], software: [], points: [] };
  return {
    measured,
    /** Names software that the figures depend on: "gcc 12.2.0".
     *  @param {string} words */
    uses(words) {
      measured.software.push(words);
    },
    /** Says what is left out, and why. It is printed only.
     *  @param {string} words */
    skip(words) {
      write(`skipped: ${words}\n`);
    },
    /** Begins a table. `caption` says what its rows are, and how they were measured.
     *  @param {string} caption @param {readonly string[]} columns */
    table(caption, columns) {
      /** @type {Table} */
      const table = { caption, columns, rows: [], notes: [] };
      measured.tables.push(table);
      write(`\n${caption}\n\n${line(columns)}\n${rule(columns)}\n`);
      return {
        /** @param {...Cell} cells */
        row(...cells) {
          if (cells.length !== columns.length)
            throw new Error(`${cells.length} cells for ${columns.length} columns`);
          table.rows.push(cells);
          write(`${line(cells)}\n`);
        },
        /** A sentence below the table.
         *  @param {string} words */
        note(words) {
          table.notes.push(words);
          write(`\n${words}\n`);
        },
      };
    },
    /** A point of the cost curve's plot.
     *  @param {CurvePoint} point */
    point(point) {
      measured.points.push(point);
    },
  };
}

/** Markdown of a table with its caption and notes.
 *  @param {Table} table */
export function tableMarkdown({ caption, columns, rows, notes }) {
  return [
    caption,
    "",
    line(columns),
    rule(columns),
    ...rows.map(line),
    ...notes.flatMap((note) => ["", note]),
  ].join("\n");
}

/** @param {readonly Cell[]} cells */
function line(cells) {
  return `| ${cells.join(" | ")} |`;
}

/** @param {readonly string[]} columns */
function rule(columns) {
  return `|${" --- |".repeat(columns.length)}`;
}
