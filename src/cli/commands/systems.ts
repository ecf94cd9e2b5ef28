import type { CatalogueRow, TreeNode } from "../../catalogue/index.ts";
import { statuses } from "../../catalogue/status.ts";
import { axes, roles } from "../../catalogue/taxonomy.ts";
import { nearNames } from "../../checkpoints/near-names.ts";
import type { SystemDescription } from "../../systems/describe.ts";
import { type Command, type CommandResult, defineCommand, type Option } from "../command.ts";
import { choice, flag, reading, text } from "../schemas.ts";
import { table } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { catalogueTable, catalogueTree, entryText } from "./systems-catalogue.ts";

const tree: Option<boolean> = {
  flags: "--tree",
  summary: "by what is predicted and for which task, as the survey of the field orders them",
  schema: flag(),
};

const status: Option<(typeof statuses)[number] | undefined> = {
  flags: "--status <mark>",
  summary: `only those with this mark: ${statuses.join(", ")}`,
  schema: choice(statuses).optional(),
  suggest: () => statuses,
};

const classes: Option<readonly string[]> = {
  flags: "--class <words>",
  summary: "only those of all these classes, with commas: scale,bits or head=flow,role=trainer",
  schema: reading("classes such as scale,bits", wordsIn).default([]),
  suggest: () => [...new Set([...Object.values(axes).flat(), ...roles])],
};

/** The catalogue, computed from what the systems are composed of. */
export const systems: Command = defineCommand({
  name: "systems",
  summary: "Lists the systems; with a name, its parts and presets.",
  examples: [
    "ordo systems",
    "ordo systems var",
    "ordo systems --tree",
    "ordo systems --class scale,bits --status planned",
    "ordo systems --json",
  ],
  arguments: {
    name: { summary: "a system", schema: text("a system").optional() },
  },
  options: { tree, status, class: classes },
  async run(_context, { name, ...filters }) {
    if (name === undefined) return listing(filters);
    if (filters.tree || filters.status !== undefined || filters.class.length > 0) {
      throw new UsageError(["a name and a filter exclude each other"], `ordo systems ${name}`);
    }
    return one(name);
  },
});

function wordsIn(given: string): readonly string[] | undefined {
  const words = given.split(",").map((word) => word.trim());
  return words.every((word) => word !== "") ? words : undefined;
}

interface Filters {
  readonly tree: boolean;
  readonly status: (typeof statuses)[number] | undefined;
  readonly class: readonly string[];
}

async function listing(filters: Filters): Promise<CommandResult> {
  const { catalogue, filterProblem, matches, taxonomyTree } = await import(
    "../../catalogue/index.ts"
  );
  const problems = filters.class.flatMap((wanted) => filterProblem(wanted) ?? []);
  if (problems.length > 0) throw new UsageError(problems, "ordo systems --class scale");
  const rows = (await catalogue()).filter(
    (row) =>
      (filters.status === undefined || row.status.marks.includes(filters.status)) &&
      filters.class.every((wanted) => matches(row, wanted)),
  );
  const data = { systems: rows.map(withoutPlan) };
  if (!filters.tree) return { data, text: catalogueTable(rows) };
  const nodes = taxonomyTree(rows);
  return { data: { ...data, tree: nodes.map(nameTree) }, text: catalogueTree(nodes) };
}

/** The plan is in `classes`, where it counts. */
function withoutPlan({ plan: _, ...row }: CatalogueRow): object {
  return row;
}

function nameTree({ title, children, rows }: TreeNode<CatalogueRow>): object {
  const inner = children.map(nameTree);
  return inner.length > 0
    ? { title, children: inner }
    : { title, systems: rows.map((r) => r.name) };
}

async function one(name: string): Promise<CommandResult> {
  const { systems: all } = await import("../../systems/index.ts");
  const system = all.find((candidate) => candidate.name === name);
  if (system) {
    const { describeSystem } = await import("../../systems/describe.ts");
    const described = describeSystem(system);
    return { data: { systems: [described] }, text: detailed(described) };
  }
  const { catalogue } = await import("../../catalogue/index.ts");
  const rows = await catalogue();
  const row = rows.find((candidate) => candidate.name === name);
  if (row) return { data: { systems: [withoutPlan(row)] }, text: entryText(row) };
  const built = all.map((candidate) => candidate.name);
  const near = nearNames(name, [...built, ...rows.map((candidate) => candidate.name)])[0];
  throw new UsageError(
    [`no system is called ${JSON.stringify(name)}; there are: ${built.join(", ")}`],
    near ? `ordo systems ${near}` : "ordo systems",
  );
}

function detailed({ title, paper, parts, presets }: SystemDescription): string {
  const rows = presets.map(({ name, transformer, tokenizer, tokens, passes }) => [
    name,
    transformer.toLocaleString("en"),
    tokenizer.toLocaleString("en"),
    tokens,
    passes,
  ]);
  return [
    `${title} (${paper})`,
    table([], Object.entries(parts)),
    table(["preset", "transformer", "tokenizer", "tokens", "passes"], rows),
  ].join("\n\n");
}
