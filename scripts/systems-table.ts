/** Writes docs/systems.md. */
import { writeFileSync } from "node:fs";
import { catalogue } from "../src/catalogue/index.ts";
import { catalogueMarkdown } from "../src/catalogue/markdown.ts";

const text = catalogueMarkdown(await catalogue());
writeFileSync(new URL("../docs/systems.md", import.meta.url), text);
