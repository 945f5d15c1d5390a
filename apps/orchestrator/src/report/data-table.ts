import { fragment } from "./html.ts";
import type { Html, HtmlValue } from "./html.ts";

/** A column of a table. */
export interface TableColumn<Row> {
  readonly title: string;
  /** Digits under digits. */
  readonly number?: boolean;
  /** Long words that may wrap. */
  readonly words?: boolean;
  cell(row: Row): HtmlValue;
}

/** A table in a frame that scrolls sideways on a narrow screen, and that the keyboard reaches for that. As `cards` its rows become blocks of named
 *  values there, for a table whose last columns are the point of it. */
export function dataTable<Row>(
  label: string,
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  cards = false,
): Html {
  const style = ({ number, words }: TableColumn<Row>): string =>
    number === true ? "number" : words === true ? "words" : "";
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
