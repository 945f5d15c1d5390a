import { fragment } from "./html.ts";
import type { Html, HtmlValue } from "./html.ts";

/** A column of a table. */
export interface TableColumn<Row> {
  readonly title: string;
  /** Digits under digits. */
  readonly number?: boolean;
  /** Long words that may wrap. */
  readonly words?: boolean;
  /** Says what the row is about; a card begins with it and does without its title. */
  readonly name?: boolean;
  cell(row: Row): HtmlValue;
}

/** A table in a frame that scrolls sideways on a narrow screen, and that the keyboard reaches for that. As `cards` its rows become blocks of named
 *  values there and on paper, for a table with more columns than either has room for. */
export function dataTable<Row>(
  label: string,
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  cards = false,
): Html {
  const style = (column: TableColumn<Row>): string =>
    (["number", "words", "name"] as const).filter((kind) => column[kind] === true).join(" ");
  return fragment`<div class="scroll" tabindex="0" role="region" aria-label="table: ${label}">
    <table class="${cards ? "cards" : ""}">
      <thead>
        <tr>
          ${columns.map((column) => fragment`<th scope="col" class="${style(column)}">${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            fragment`<tr>
              ${columns.map((column) => fragment`<td class="${style(column)}"${cards && fragment` data-title="${column.title}"`}>${column.cell(row)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
