import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { catalogue } from "./index.ts";
import { catalogueMarkdown } from "./markdown.ts";

it("docs/systems.md is what `npm run docs:systems` would write now", async () => {
  const written = await readFile(new URL("../../docs/systems.md", import.meta.url), "utf8");
  expect(written).toBe(catalogueMarkdown(await catalogue()));
});
