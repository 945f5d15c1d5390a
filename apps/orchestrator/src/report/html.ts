/** A piece of HTML: markup that may be put into a page as it stands. */
export interface Html {
  readonly markup: string;
}

/** What may stand in a template: markup as it is, text escaped, nothing for null, undefined and false. */
export type HtmlValue = Html | string | number | null | undefined | false | readonly HtmlValue[];

/** Template of markup in which every inserted text is escaped, for element content and quoted attributes alike. */
export function fragment(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return {
    markup: strings.reduce((text, string, index) => text + markupOf(values[index - 1]) + string),
  };
}

/** Markup from a trusted source, as it stands. */
export function trustedHtml(markup: string): Html {
  return { markup };
}

/** Text with the characters that mean something to HTML written as entities. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** JSON that may stand inside a script element: no `<`, so that no text can end the element or open a comment. */
export function scriptJson(value: unknown): Html {
  return trustedHtml(
    JSON.stringify(value)
      .replaceAll("<", String.raw`\u003c`)
      .replaceAll("\u2028", String.raw`\u2028`)
      .replaceAll("\u2029", String.raw`\u2029`),
  );
}

function markupOf(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (Array.isArray(value)) return (value as readonly HtmlValue[]).map(markupOf).join("");
  if (typeof value === "object") return (value as Html).markup;
  return escapeHtml(String(value));
}
