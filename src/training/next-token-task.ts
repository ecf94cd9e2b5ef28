/**
 * Training of a next-token model by teacher forcing (sheet llamagen, "Training"): the frozen tokenizer
 * turns each batch into ids, the transformer predicts each from those before it, all at once.
 *
 * Axes: B batch · P prefix rows · N tokens · T = P + N − 1 rows · C width
 */
import { reshape } from "../graph/ops/layout.ts";
import { mean } from "../graph/ops/reduce.ts";
import { crossEntropy } from "../graph/ops/softmax.ts";
import { input } from "../graph/ops/source.ts";
import { initializeFixed, Scope } from "../nn/layer.ts";
import type { Order } from "../orders/order.ts";
import type { LlamaTransformerOptions } from "../predictors/llama-transformer.ts";
import {
  nextTokenPredictor,
  prefixLength,
  type TrainingFactors,
} from "../predictors/next-token-predictor.ts";
import { type Random, random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { compile, type Feed } from "../runtime/function.ts";
import { traceReconstruction } from "../tokenizers/reconstruct.ts";
import type { VqTokenizerOptions } from "../tokenizers/vq-tokenizer.ts";
import {
  branchDropoutFeeds,
  branchDropoutInputs,
  tokenDropoutFeeds,
  tokenDropoutInput,
} from "./dropout.ts";
import type { ModelTaskOptions } from "./model-task.ts";
import { requestFeeds } from "./request-feeds.ts";
import { branchFactors, branchInputs } from "./stochastic-depth.ts";
import type { TrainingTask } from "./task.ts";

export interface NextTokenTaskOptions extends ModelTaskOptions {
  readonly tokenizer: VqTokenizerOptions;
  readonly order: Order;
  readonly predictor: LlamaTransformerOptions;
  readonly objective: {
    readonly conditionDrop: number;
    /** Where it is above 0, branches are dropped whole, and not in part. */
    readonly dropPath: number;
    readonly tokenDropout: number;
    readonly branchDropout: number;
    readonly decayExempt: readonly string[];
  };
}

const QUARTERS = 4;

type Sizes = readonly [batch: number, rows: number, width: number];

export async function nextTokenTask(
  device: Device,
  options: NextTokenTaskOptions,
): Promise<TrainingTask> {
  const { order, batchSize, conditioning, objective, predictor, tokenizer } = options;
  const { ids: found } = traceReconstruction(tokenizer, batchSize);
  const constants = options.tokenizerParameters;
  const encode = await compile(device, "tokenizer", { ids: found! }, { constants });
  const scope = new Scope();
  const { grid } = tokenizer;
  const bound = nextTokenPredictor({ ...predictor, order, grid, conditioning }).bind(scope);
  const count = order.tokenCount;
  const sizes: Sizes = [batchSize, prefixLength(conditioning) + count - 1, predictor.width];
  const read = input("read", "int32", [batchSize, count - 1]);
  const logits = bound.all(read, conditioning.inputs(batchSize), factorsOf(options, sizes));
  const targets = input("targets", "int32", [batchSize * count, 1]);
  const losses = crossEntropy(reshape(logits, [batchSize * count, -1]), targets);
  // later tokens have more to go by
  const quarters = count % QUARTERS === 0 ? QUARTERS : 1;
  const perQuarter = mean(reshape(losses, [batchSize, quarters, count / quarters]), 0, 2);
  const frozen = initializeFixed(scope.specs, options.seed);
  return {
    graph: {
      name: "transformer",
      scope,
      loss: mean(losses),
      metrics: { quarters: reshape(perQuarter, [quarters]) },
      decayExempt: objective.decayExempt,
      frozen,
      ...(predictor.rematerialize && { rematerialized: true }),
    },
    feeds: async (batch) => {
      const { ids } = await encode.run({ pixels: batch.pixels });
      const all = Int32Array.from(ids!.data as BigInt64Array, Number);
      const variation = random(options.seed, "request", batch.step);
      return {
        read: all.filter((_, i) => i % count < count - 1),
        targets: all,
        ...requestFeeds(options, batch, variation),
        ...dropoutFeeds(options, sizes, random(options.seed, "dropout", batch.step)),
      };
    },
    report: ({ metrics }) => {
      const values = metrics.quarters as Float32Array;
      return Object.fromEntries([...values].map((value, i) => [`quarter${i + 1}`, value]));
    },
    preview: (on, parameters) => options.preview(on, new Map([...parameters, ...frozen])),
    save: (folder, parameters, facts) =>
      options.save(folder, new Map([...parameters, ...frozen]), facts),
  };
}

function factorsOf(
  { objective, predictor: { depth }, batchSize }: NextTokenTaskOptions,
  sizes: Sizes,
): TrainingFactors {
  const { tokenDropout, branchDropout, dropPath } = objective;
  const blocks =
    dropPath > 0
      ? branchInputs(batchSize, depth)
      : branchDropout > 0 && branchDropoutInputs(depth, sizes);
  return {
    ...(tokenDropout > 0 && { tokens: tokenDropoutInput(sizes) }),
    ...(blocks && { blocks }),
  };
}

function dropoutFeeds(
  { objective, predictor: { depth }, batchSize }: NextTokenTaskOptions,
  sizes: Sizes,
  draw: Random,
): Record<string, Feed> {
  const { tokenDropout, branchDropout, dropPath } = objective;
  const tokens = tokenDropout > 0 && tokenDropoutFeeds(tokenDropout, sizes, draw);
  if (dropPath > 0) return { ...tokens, ...branchFactors(dropPath, batchSize, depth, draw) };
  return {
    ...tokens,
    ...(branchDropout > 0 && branchDropoutFeeds(branchDropout, depth, sizes, draw)),
  };
}
