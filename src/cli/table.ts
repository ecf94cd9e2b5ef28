import { stripVTControlCharacters } from "node:util";

/** A cell; numbers stand to the right. */
export type Cell = string | number;

/**
 * Rows under a heading, in aligned columns two spaces apart, without trailing spaces.
 *
 * @param heading names of the columns; none for a bare list.
 */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const right = (column: number): boolean =>
    rows.length > 0 && rows.every((row) => typeof row[column] === "number");
  const lines = [...(heading.length > 0 ? [heading] : []), ...rows].map((row) => row.map(String));
  const columns = Math.max(0, ...lines.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((line) => visibleLength(line[column] ?? ""))),
  );
  const aligned = (cell: string, column: number): string => {
    const padding = " ".repeat(widths[column]! - visibleLength(cell));
    return right(column) ? padding + cell : cell + padding;
  };
  return lines.map((line) => line.map(aligned).join("  ").trimEnd()).join("\n");
}

function visibleLength(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}
