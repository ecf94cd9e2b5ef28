/** Writes docs/reproductions.md, and a plot for each claim. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { claimsFolder } from "../src/catalogue/evidence.ts";
import { readResults } from "../src/catalogue/results.ts";
import { writePlot } from "../src/plots/plot.ts";
import { claimPlot } from "../src/reproductions/claim-plot.ts";
import { reproductionsMarkdown } from "../src/reproductions/markdown.ts";

const docs = new URL("../docs/", import.meta.url);
const records = (await readResults(claimsFolder)).filter((record) => record.kind === "claim");
for (const record of records) {
  const path = fileURLToPath(new URL(`media/reproduction-${record.system}`, docs));
  await writePlot(claimPlot(record), path);
}
writeFileSync(new URL("reproductions.md", docs), reproductionsMarkdown(records));
