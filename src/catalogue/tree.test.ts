import { describe, expect, it } from "vitest";
import { filterProblem, matches } from "./filter.ts";
import { type CatalogueRow, catalogue, leaves, type TreeNode, taxonomyTree } from "./index.ts";

const rows = await catalogue();
const named = (name: string) => rows.find((row) => row.name === name)!;

/** Names by path, of leaves. */
function flat(nodes: readonly TreeNode<CatalogueRow>[], path = ""): Record<string, string[]> {
  return Object.assign(
    {},
    ...nodes.map(({ title, children, rows: held }) =>
      children.length > 0
        ? flat(children, `${path}${title}/`)
        : { [`${path}${title}`]: held.map(({ name }) => name) },
    ),
  ) as Record<string, string[]>;
}

describe("the survey's tree", () => {
  const tree = flat(taxonomyTree(rows));

  it("holds every entry", () => {
    const held = new Set(Object.values(tree).flat());
    expect(rows.filter(({ name }) => !held.has(name))).toEqual([]);
  });

  it("places VAR where the survey does", () => {
    const places = Object.keys(tree).filter((path) => tree[path]!.includes("var"));
    expect(places).toEqual(["Image generation/Unconditional and class-conditional/Scale-wise"]);
  });

  it("places a system in all its leaves", () => {
    const places = Object.keys(tree).filter((path) => tree[path]!.includes("lumina-mgpt"));
    expect(places).toEqual([
      "Image generation/Text-to-image/Token-wise",
      "Multimodal/Unified understanding and generation",
    ]);
  });

  it("lists the leaves that nothing covers, too", () => {
    const empty = flat(taxonomyTree([]));
    expect(Object.keys(empty)).toHaveLength(leaves.length);
    expect(Object.values(empty).flat()).toEqual([]);
  });
});

describe("filters", () => {
  it("find a word on any axis or as the role, and on one axis where it is named", () => {
    expect(matches(named("var"), "scale")).toBe(true);
    expect(matches(named("nfig"), "order=scale")).toBe(false);
    expect(matches(named("nfig"), "family=scale")).toBe(true);
    expect(matches(named("sar"), "role=trainer")).toBe(true);
    expect(matches(named("vtbench"), "scale")).toBe(false);
  });

  it("say what is wrong with a word", () => {
    expect(filterProblem("Scale")).toBeNull();
    expect(filterProblem("wavelet")).toBe("no class is called wavelet");
    expect(filterProblem("shape=scale")).toMatch(/no axis shape; there are: family/);
    expect(filterProblem("head=scale")).toMatch(/head is one of categorical, bits/);
  });
});
