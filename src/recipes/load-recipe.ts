/** From what a user calls a recipe to the recipe: a shipped one, or one from a file. */
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearNames } from "../checkpoints/near-names.ts";
import { ConfigError } from "../errors.ts";
import { parseRecipe } from "./parse-recipe.ts";
import type { TrainingRecipe } from "./recipe.ts";
import { recipes } from "./shipped.ts";

const readers: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  ".json": async (path) => JSON.parse(await readFile(path, "utf8")),
  ".js": defaultExport,
  ".mjs": defaultExport,
};

/**
 * The shipped recipe of that name, else the recipe of a .json file or of a module's default export.
 *
 * @throws ConfigError naming near recipes, or every field of the file that does not fit.
 */
export async function loadRecipe(nameOrPath: string): Promise<TrainingRecipe> {
  const shipped = recipes.find(({ name }) => name === nameOrPath);
  if (shipped) return shipped;
  const read = readers[extname(nameOrPath)];
  if (!read) throw unknownRecipe(nameOrPath);
  const content = await read(nameOrPath).catch((cause: unknown) => {
    throw new ConfigError(
      { where: nameOrPath, expected: "a recipe file", got: problemOf(cause) },
      { cause },
    );
  });
  return parseRecipe(content, nameOrPath);
}

async function defaultExport(path: string): Promise<unknown> {
  await readFile(path);
  const module = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
  return module.default;
}

function problemOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "nothing there";
  return code === "EISDIR" ? "a folder" : message;
}

function unknownRecipe(name: string): ConfigError {
  const names = recipes.map((recipe) => recipe.name);
  const near = nearNames(name, names);
  const guess = near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : "";
  return new ConfigError({
    where: `recipe ${JSON.stringify(name)}`,
    expected: "the name of a recipe, or a .json, .js or .mjs file",
    got: "neither",
    hint: `${guess}Recipes: ${names.join(", ")}`,
  });
}
