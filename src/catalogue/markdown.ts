/** The text of docs/systems.md. */
import type { CatalogueRow } from "./row.ts";
import { statuses } from "./status.ts";
import { type TreeNode, taxonomyTree } from "./tree.ts";

export function catalogueMarkdown(rows: readonly CatalogueRow[]): string {
  const foundations = rows.filter((row) => row.foundation).length;
  return `# Systems

Made by \`npm run docs:systems\` from the catalogue (\`src/catalogue\`); do not edit.

Ordo sets out to cover ${rows.length - foundations} papers, and ${foundations} systems that they stand on (marked °).
Classes are those of "Autoregressive Models in Vision: A Survey"
([arXiv:2411.05902](https://arxiv.org/abs/2411.05902)). Those of a system in the code are derived from
what its parts declare; *in italics* are the parts that its paper leads one to expect.

Status is computed from what is there, never typed in:

| mark | means | how many |
|---|---|---|
${statuses.map((status) => `| ${status} | ${meanings[status]} | ${count(rows, status)} |`).join("\n")}

## All

| system | paper | official code | parts | stands on | status |
|---|---|---|---|---|---|
${rows.map(line).join("\n")}

## By what is predicted, and for which task

${taxonomyTree(rows)
  .map((node) => branch(node, 0))
  .join("\n")}
`;
}

const meanings: Readonly<Record<(typeof statuses)[number], string>> = {
  planned: "nothing of its own is in the code yet",
  parts: "its composition of parts, or the command that it is, is in the code",
  parity:
    "the last `ordo parity` run of each of its reference cases was equal to the official code",
  trained: "a model of it is shipped, or a training of it recorded in `results`",
  claim: "its paper's claim was measured at small scale, and shown",
};

function count(rows: readonly CatalogueRow[], status: (typeof statuses)[number]): number {
  return rows.filter((row) => row.status.marks.includes(status)).length;
}

function line(row: CatalogueRow): string {
  const cells = [
    `**${row.label}**${row.foundation ? "°" : ""} \`${row.name}\``,
    `[${row.title}](https://arxiv.org/abs/${row.arxiv}), ${row.authors} ${row.year}`,
    codeCell(row),
    partsCell(row),
    standsOn(row),
    row.status.marks.join(", "),
  ];
  return `| ${cells.join(" | ")} |`;
}

function codeCell({ code }: CatalogueRow): string {
  if (!code) return "none found";
  const facts = [code.licence ?? "no licence found", ...(code.note ? [code.note] : [])];
  return `[${code.repository}](https://github.com/${code.repository}) (${facts.join("; ")})`;
}

function partsCell({ classes, planned, role }: CatalogueRow): string {
  if (!classes) return role;
  const { tokenizer, order, unit, attention, predictor, head, conditioning, task } = classes;
  const parts = `${tokenizer}; ${order} by ${unit}, ${attention}; ${predictor}; ${head}; ${conditioning.join(", ")} → ${task.join(", ")}`;
  return planned ? `*${parts}*` : parts;
}

function standsOn({ bases, changes }: CatalogueRow): string {
  return bases.length === 0 ? "–" : `${bases.join(", ")}; changes ${changes.join(", ")}`;
}

function branch({ title, children, rows }: TreeNode<CatalogueRow>, depth: number): string {
  const names = rows.map(({ label, planned, status }) =>
    planned && status.marks.includes("planned") ? label : `**${label}**`,
  );
  const held = children.length > 0 ? "" : `: ${names.join(", ") || "none"}`;
  const own = `${"  ".repeat(depth)}- ${title}${held}`;
  return [own, ...children.map((child) => branch(child, depth + 1))].join("\n");
}
