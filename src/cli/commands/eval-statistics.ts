import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { counting, requireTwo, summarize } from "../../eval/measure-sets.ts";
import { isArrayFile, openPictureSet } from "../../eval/open-pictures.ts";
import { chosenPictures } from "../../eval/picture-set.ts";
import { writeStatistics } from "../../metrics/statistics-file.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { freePath } from "../named-outputs.ts";
import { UsageError } from "../usage-error.ts";
import { type EvalValues, requireAsked } from "./eval-options.ts";
import { stem } from "./eval-samples.ts";
import { withProgress, withTools } from "./eval-tools.ts";

/** `ordo eval statistics`: what a distance needs to know of a set, for later runs and other programs. */
export async function evalStatistics(
  context: CommandContext,
  paths: readonly string[],
  values: EvalValues,
): Promise<CommandResult> {
  requireAsked("statistics", paths, values, ["a folder, .zip or .npz of pictures"]);
  const [path] = paths as [string];
  const output = values.output ?? join("eval", `statistics-${stem(path)}.npz`);
  if (!isArrayFile(output)) {
    const problem = `--output: expected a file that ends in .npz, got ${JSON.stringify(output)}`;
    throw new UsageError([problem], "ordo eval --help");
  }
  const all = await openPictureSet(path);
  try {
    return await withTools(context, values, async ({ network, measuring }) => {
      const set = chosenPictures(all, values.count ?? all.count, measuring.seed);
      requireTwo(set);
      const { moments, spatialMoments } = await withProgress(
        context,
        { label: "measuring", total: set.count, unit: "pictures" },
        (onProgress) => {
          const onRows = counting(set.count, onProgress);
          return summarize(set, measuring, ({ count }) => onRows(count));
        },
      );
      const file = values.force ? output : freePath(output);
      await mkdir(dirname(file), { recursive: true });
      await writeStatistics(file, {
        pooled: moments.statistics(),
        spatial: spatialMoments?.statistics() ?? null,
        network: network.name,
      });
      const data = { file, network: network.name, pictures: set.count };
      return { data, text: `${set.count} pictures by ${network.name}\n${file}` };
    });
  } finally {
    await all.close();
  }
}
