/** The catalogue in words: as a table, and as the survey's tree. */
import type { CatalogueRow, TreeNode } from "../../catalogue/index.ts";
import { table } from "../table.ts";

export function catalogueTable(rows: readonly CatalogueRow[]): string {
  if (rows.length === 0) return "no system is of these classes and this status";
  const cells = rows.map((row) => [
    row.name,
    row.label,
    row.year,
    `arXiv:${row.arxiv}`,
    row.classes?.family ?? "-",
    row.classes ? `${row.classes.order} by ${row.classes.unit}` : "-",
    row.classes?.head ?? "-",
    row.role,
    row.bases.join(" ") || "-",
    row.status.marks.join(", "),
  ]);
  const heading = [
    "name",
    "called",
    "year",
    "paper",
    "family",
    "order",
    "head",
    "role",
    "stands on",
    "status",
  ];
  return `${table(heading, cells)}\n\n${summary(rows)}`;
}

function summary(rows: readonly CatalogueRow[]): string {
  const built = rows.filter(({ status }) => !status.marks.includes("planned")).length;
  const systems = rows.length === 1 ? "1 entry" : `${rows.length} entries`;
  return `${systems}, ${built} in the code; classes of the others are planned`;
}

/** Branches drawn with lines; a leaf without systems says so. */
export function catalogueTree(nodes: readonly TreeNode<CatalogueRow>[], indent = ""): string {
  return nodes
    .map((node, i) => {
      const last = i === nodes.length - 1;
      // the roots stand at the margin
      const [own, below] = indent === "" ? ["", ""] : [last ? "└ " : "├ ", last ? "  " : "│ "];
      const held = node.children.length > 0 ? "" : `: ${names(node.rows)}`;
      const line = `${indent}${own}${node.title}${held}`;
      const children = catalogueTree(node.children, `${indent}${below}` || " ");
      return children ? `${line}\n${children}` : line;
    })
    .join("\n");
}

function names(rows: readonly CatalogueRow[]): string {
  const marked = rows.map(({ name, status }) =>
    status.marks.includes("planned") ? name : `${name} (${status.marks.join(", ")})`,
  );
  return marked.join(", ") || "none";
}

/** What is known of a system that is not in the code as a composition. */
export function entryText(row: CatalogueRow): string {
  const { label, title, authors, year, arxiv, code, role, bases, changes, classes, status } = row;
  const official = code
    ? [`https://github.com/${code.repository}`, code.licence ?? "no licence found", code.note]
    : ["none found"];
  const facts: (readonly [string, string])[] = [
    ["paper", `${authors} ${year}, arXiv:${arxiv}`],
    ["official code", official.filter((word) => word !== undefined).join("; ")],
    ["role", role],
    ["stands on", bases.length > 0 ? `${bases.join(", ")}; changes ${changes.join(", ")}` : "-"],
    ["status", status.marks.join(", ")],
  ];
  const parts = Object.entries(classes ?? {}).map(([axis, words]) => [
    axis,
    [words].flat().join(", "),
  ]);
  const planned = parts.length > 0 ? `\n\nplanned\n${table([], parts)}` : "";
  return `${label}: ${title}\n\n${table([], facts)}${planned}`;
}
