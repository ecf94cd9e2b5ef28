/** Training tasks of the tiny systems and of their tokenizers, with a batch for each. */
import type { Batch } from "../../src/data/batches.ts";
import { initialize } from "../../src/nn/layer.ts";
import { systemTask } from "../../src/recipes/system-task.ts";
import type { Device } from "../../src/runtime/device.ts";
import { modelParameters } from "../../src/systems/model-parameters.ts";
import { type TokenizerOptions, tokenizerOf } from "../../src/tokenizers/tokenizer.ts";
import { klTokenizerTask } from "../../src/training/kl-tokenizer-task.ts";
import type { TrainingTask } from "../../src/training/task.ts";
import { tokenizerTask } from "../../src/training/tokenizer-task.ts";
import { wavyBatch } from "../training/wavy-batch.ts";
import { compose, type TinySystem } from "./tiny-systems.ts";

const BATCH = 2;

/** The one batch of a tokenizer's pictures. */
export function batchOf(tokenizer: TokenizerOptions): Batch {
  return wavyBatch({ ...tokenizerOf(tokenizer).size, batchSize: BATCH }, 0);
}

export function tinySystemTask(device: Device, system: TinySystem): Promise<TrainingTask> {
  const composition = compose(system);
  return systemTask(device, composition, {
    tokenizerParameters: initialize(modelParameters(composition).tokenizer, 1),
    requestOf: (_, i) => system.requests[i % 2]!,
    batchSize: BATCH,
    seed: 1,
    preview: async () => ({ pictures: [], columns: 1 }),
    save: async () => {},
  });
}

export function tinyTokenizerTask(tokenizer: TokenizerOptions): TrainingTask {
  const common = {
    batchSize: BATCH,
    seed: 1,
    weights: { l1: 0.2, l2: 1, edges: 0.2 },
    examples: new Float32Array(),
    save: async () => {},
  };
  if (tokenizer.kind === "kl") return klTokenizerTask({ ...common, tokenizer, divergence: 1e-6 });
  return tokenizerTask({
    ...common,
    tokenizer,
    quantizer: { commitment: 0.25, entropy: 0.1 },
    revival: { every: 100, until: 1, threshold: 0.01 },
    steps: 3,
  });
}
