/**
 * A training step of the three bases as their emoji recipes have it: the same transformer sizes and
 * batch, with random weights and pictures, and a class where the recipes have words.
 */
import type { Batch } from "../data/batches.ts";
import { initialize } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { emojiLlamaGen } from "../recipes/emoji-llamagen.ts";
import { emojiLlamaGenTokenizer } from "../recipes/emoji-llamagen-tokenizer.ts";
import { emojiMar } from "../recipes/emoji-mar.ts";
import { emojiMarTokenizer } from "../recipes/emoji-mar-tokenizer.ts";
import { emojiTokenizer } from "../recipes/emoji-tokenizer.ts";
import { emojiVar } from "../recipes/emoji-var.ts";
import type { SystemRecipe, TokenizerRecipe } from "../recipes/recipe.ts";
import { systemTask } from "../recipes/system-task.ts";
import type { Device } from "../runtime/device.ts";
import { systemNamed } from "../systems/index.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import { trainingWorkload } from "./training-workload.ts";
import type { BenchTarget, Workload, WorkloadOptions } from "./workload.ts";

const CLASSES = 10;

const neither = () => Promise.reject(new Error("a benchmark neither previews nor saves"));

/** @param tokenizer the recipe of the tokenizer that `recipe` stands on. */
export function modelStep(
  name: string,
  recipe: SystemRecipe,
  { tokenizer }: TokenizerRecipe,
): BenchTarget {
  return {
    name,
    summary: `one training step of ${recipe.name}, ${recipe.plan.batchSize} pictures`,
    bars: {},
    open: (device, options) => openModelStep(device, recipe, tokenizer, options),
  };
}

async function openModelStep(
  device: Device,
  recipe: SystemRecipe,
  tokenizer: TokenizerRecipe["tokenizer"],
  options: WorkloadOptions = {},
): Promise<Workload> {
  const system = systemNamed(recipe.system, "bench");
  const conditioning = { kind: "classes", classes: CLASSES };
  const config = system.parse({ ...recipe.sizes, tokenizer, conditioning }, "bench");
  const composition = system.compose(config, {});
  const task = await systemTask(device, composition, {
    tokenizerParameters: initialize(modelParameters(composition).tokenizer, 1),
    objective: recipe,
    batchSize: recipe.plan.batchSize,
    seed: 1,
    requestOf: (_, i) => i % CLASSES,
    preview: neither,
    save: neither,
  });
  const feeds = await task.feeds(randomBatch(recipe));
  return trainingWorkload(device, task.graph, feeds, options);
}

function randomBatch({ plan: { batchSize }, data: { size } }: SystemRecipe): Batch {
  const draw = random(1, "pictures");
  const length = batchSize * 3 * size * size;
  const pixels = Float32Array.from({ length }, () => 2 * draw.uniform() - 1);
  return {
    step: 0,
    pixels,
    texts: Array.from({ length: batchSize }, () => ""),
    labels: Array.from({ length: batchSize }, () => ""),
    indices: Int32Array.from({ length: batchSize }, (_, i) => i),
  };
}

export const varStep: BenchTarget = modelStep("var-step", emojiVar, emojiTokenizer);
export const llamaGenStep: BenchTarget = modelStep(
  "llamagen-step",
  emojiLlamaGen,
  emojiLlamaGenTokenizer,
);
export const marStep: BenchTarget = modelStep("mar-step", emojiMar, emojiMarTokenizer);
