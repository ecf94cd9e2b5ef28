/** The smallest thing that can be trained: a picture that comes close to all pictures. */

import { subtract } from "../../src/graph/ops/arithmetic.ts";
import { mean } from "../../src/graph/ops/reduce.ts";
import { input } from "../../src/graph/ops/source.ts";
import { square } from "../../src/graph/ops/unary.ts";
import { fromPixels } from "../../src/images/picture.ts";
import { normal } from "../../src/nn/initializers.ts";
import { Scope } from "../../src/nn/layer.ts";
import type { TrainingTask } from "../../src/training/task.ts";
import type { WavyOptions } from "./wavy-batch.ts";

export function meanPictureTask(
  { height, width, batchSize }: WavyOptions,
  save: TrainingTask["save"] = async () => {},
): TrainingTask {
  const scope = new Scope();
  const picture = scope.parameter("picture", { shape: [1, 3, height, width], init: normal(1) });
  const pixels = input("pixels", "float32", [batchSize, 3, height, width]);
  const l2 = mean(square(subtract(pixels, picture)));
  return {
    graph: { name: "mean-picture", scope, loss: l2, metrics: { l2 }, decayExempt: [] },
    feeds: async (batch) => ({ pixels: batch.pixels }),
    report: ({ metrics }) => ({ l2: metrics.l2![0] as number }),
    preview: async (_, parameters) => ({
      pictures: fromPixels(parameters.get("picture")!, { width, height }),
      columns: 1,
    }),
    save,
  };
}
