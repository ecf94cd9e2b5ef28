/** HTML in which everything that is not markup on purpose is escaped. */

export interface Html {
  readonly markup: string;
}

export type HtmlContent = Html | string | number | null | readonly HtmlContent[];

/** Markup with values in it: texts are escaped, lists are joined, null is nothing. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlContent[]): Html {
  const pieces = parts.map((part, i) => part + (i < values.length ? markupOf(values[i]!) : ""));
  return { markup: pieces.join("") };
}

/** Markup from elsewhere in the program, taken as it is. Never for anything a user or a file gave. */
export function trusted(markup: string): Html {
  return { markup };
}

function markupOf(content: HtmlContent): string {
  if (content === null) return "";
  if (typeof content === "string" || typeof content === "number") return escaped(String(content));
  return "markup" in content ? content.markup : content.map(markupOf).join("");
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
