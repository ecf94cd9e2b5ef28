/**
 * The survey's tree with the catalogue in it (arXiv:2411.05902, Figure 2, and the categories that only
 * its living list has). Where a system stands is computed from family, tasks and role; a system can
 * stand in several places. Leaves that nothing covers are listed too.
 */
import type { CatalogueRow } from "./row.ts";
import type { Classes, Role } from "./taxonomy.ts";

export interface Leaf {
  /** From the root down: `["Image", "Text-to-image", "Scale-wise"]`. */
  readonly path: readonly string[];
  holds(row: Pick<CatalogueRow, "classes" | "role">): boolean;
}

type Family = Classes["family"];
type Task = Classes["task"][number];

const families: readonly (readonly [Family, string])[] = [
  ["pixel", "Pixel-wise"],
  ["token", "Token-wise"],
  ["scale", "Scale-wise"],
];

const does = (row: Pick<CatalogueRow, "classes">, tasks: readonly Task[]): boolean =>
  row.classes?.task.some((task) => tasks.includes(task)) ?? false;

function byFamily(
  path: readonly string[],
  tasks: readonly Task[],
  named: readonly (readonly [Family, string])[] = families,
): Leaf[] {
  return named.map(([family, title]) => ({
    path: [...path, title],
    holds: (row) => row.classes?.family === family && does(row, tasks),
  }));
}

const byTask = (path: readonly string[], ...tasks: Task[]): Leaf => ({
  path,
  holds: (row) => does(row, tasks),
});

const byRole = (path: readonly string[], ...wanted: Role[]): Leaf => ({
  path,
  holds: ({ role }) => wanted.includes(role),
});

/** In the survey's order. */
export const leaves: readonly Leaf[] = [
  ...byFamily(
    ["Image generation", "Unconditional and class-conditional"],
    ["class-to-image", "unconditional"],
  ),
  ...byFamily(["Image generation", "Text-to-image"], ["text-to-image"], families.slice(1)),
  byTask(
    ["Image generation", "Image-conditioned (completion, super-resolution)"],
    "image-to-image",
    "super-resolution",
  ),
  byTask(["Image generation", "Editing", "Text-driven"], "edit"),
  byTask(["Image generation", "Editing", "Image-driven (control)"], "control"),
  byTask(["Image generation", "Personalised"], "subject"),
  {
    path: ["Video generation", "Unconditional"],
    holds: ({ classes }) =>
      classes?.task.includes("video") === true && classes.conditioning.includes("none"),
  },
  {
    path: ["Video generation", "Conditional"],
    holds: ({ classes }) =>
      classes?.task.includes("video") === true && !classes.conditioning.includes("none"),
  },
  byTask(["Video generation", "World models and embodied AI"], "world"),
  byTask(["3-D generation", "Shapes"], "3d"),
  byTask(["Multimodal", "Understanding"], "understand"),
  byTask(["Multimodal", "Unified understanding and generation"], "unified"),
  byRole(["Across tasks", "Tokenizers"], "tokenizer"),
  byRole(["Across tasks", "Acceleration"], "accelerator"),
  byRole(["Across tasks", "Training, stability and alignment"], "trainer"),
  byRole(["Across tasks", "Adapters"], "adapter"),
  byRole(["Across tasks", "Benchmark and analysis"], "evaluator", "survey"),
];

/** One node of the tree: inner nodes have children, leaves have rows. */
export interface TreeNode<Row> {
  readonly title: string;
  readonly children: readonly TreeNode<Row>[];
  readonly rows: readonly Row[];
}

/** The tree over these rows; every leaf is there, also an empty one. */
export function taxonomyTree<Row extends Pick<CatalogueRow, "classes" | "role">>(
  rows: readonly Row[],
): readonly TreeNode<Row>[] {
  return grow(leaves, rows, 0);
}

function grow<Row extends Pick<CatalogueRow, "classes" | "role">>(
  among: readonly Leaf[],
  rows: readonly Row[],
  depth: number,
): TreeNode<Row>[] {
  const titles = [...new Set(among.map(({ path }) => path[depth]!))];
  return titles.map((title) => {
    const below = among.filter(({ path }) => path[depth] === title);
    const inner = below.filter(({ path }) => path.length > depth + 1);
    const ends = below.filter(({ path }) => path.length === depth + 1);
    return {
      title,
      children: grow(inner, rows, depth + 1),
      rows: rows.filter((row) => ends.some((leaf) => leaf.holds(row))),
    };
  });
}
