import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withFolder, writeTree } from "../../test/data/fixtures.ts";
import { ConfigError } from "../errors.ts";
import { loadRecipe } from "./load-recipe.ts";
import { recipes } from "./shipped.ts";
import { smallVar } from "./small-var.ts";

describe("loadRecipe", () => {
  it("finds shipped recipes by name", async () => {
    expect(await loadRecipe("small-var")).toBe(smallVar);
  });

  it("names near ones where there is none of that name", async () => {
    await expect(loadRecipe("smal-var")).rejects.toThrow(
      'recipe "smal-var": expected the name of a recipe, or a .json, .js or .mjs file, got neither.' +
        ` Did you mean small-var or small-mar? Recipes: ${recipes.map(({ name }) => name).join(", ")}`,
    );
  });

  it("reads JSON files and the default export of modules", async () => {
    await withFolder(async (folder) => {
      const own = `{ "extends": "small-var", "plan": { "steps": 3 } }`;
      await writeTree(folder, { "a.json": own, "b.mjs": `export default ${own};` });
      const expected = { ...smallVar, plan: { ...smallVar.plan, steps: 3 } };
      expect(await loadRecipe(join(folder, "a.json"))).toEqual(expected);
      expect(await loadRecipe(join(folder, "b.mjs"))).toEqual(expected);
    });
  });

  it("says what is wrong with a file", async () => {
    await withFolder(async (folder) => {
      await writeTree(folder, { "cut.json": '{ "kind": ', "none.mjs": "export const x = 1;" });
      const complaint = async (name: string) => {
        const error = await loadRecipe(join(folder, name)).catch((caught: unknown) => caught);
        expect(error).toBeInstanceOf(ConfigError);
        return (error as ConfigError).facts.got;
      };
      expect(await complaint("cut.json")).toMatch(/JSON/);
      expect(await complaint("none.mjs")).toBe("nothing");
      expect(await complaint("gone.json")).toBe("nothing there");
    });
  });
});
