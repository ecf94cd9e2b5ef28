/**
 * Training of a next-scale model by teacher forcing (sheet var, "Training"): the frozen tokenizer
 * turns each batch into ids and inputs, the transformer predicts all scales at once under its mask.
 *
 * Axes: B batch · L tokens · K steps · V codebook · Z latent channels
 */
import type { Tensor } from "../graph/node.ts";
import { reshape } from "../graph/ops/layout.ts";
import { matmul } from "../graph/ops/product.ts";
import { mean } from "../graph/ops/reduce.ts";
import { crossEntropy } from "../graph/ops/softmax.ts";
import { constant, input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import type { Order } from "../orders/order.ts";
import type { AdaLnTransformerOptions } from "../predictors/adaln-transformer.ts";
import { nextScalePredictor } from "../predictors/next-scale-predictor.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import { traceEncoding } from "../tokenizers/token-inputs.ts";
import type { ModelTaskOptions } from "./model-task.ts";
import { requestFeeds } from "./request-feeds.ts";
import { branchFactors, branchInputs } from "./stochastic-depth.ts";
import type { TrainingTask } from "./task.ts";

export interface NextScaleTaskOptions extends ModelTaskOptions {
  readonly tokenizer: ScaleTokenizerOptions;
  readonly order: Order;
  readonly predictor: AdaLnTransformerOptions;
  readonly objective: {
    readonly conditionDrop: number;
    readonly dropPath: number;
    readonly decayExempt: readonly string[];
  };
}

export async function nextScaleTask(
  device: Device,
  options: NextScaleTaskOptions,
): Promise<TrainingTask> {
  const { order, batchSize, conditioning, objective, predictor } = options;
  const encode = await encoder(device, options);
  const scope = new Scope();
  const bound = nextScalePredictor({
    ...predictor,
    order,
    latentChannels: options.tokenizer.latentChannels,
    conditioning,
  }).bind(scope);
  const length = order.tokenCount;
  const first = order.steps[0]!.count;
  const ids = input("ids", "int32", [batchSize * length, 1]);
  const given = input("inputs", "float32", [
    batchSize,
    length - first,
    options.tokenizer.latentChannels,
  ]);
  const condition = bound.condition(conditioning.inputs(batchSize));
  const factors = objective.dropPath > 0 ? branchInputs(batchSize, predictor.depth) : undefined;
  const logits = bound.all(given, condition, factors);
  const rows = crossEntropy(reshape(logits, [batchSize * length, -1]), ids);
  return {
    graph: {
      name: "transformer",
      scope,
      loss: mean(rows),
      metrics: { scales: lossPerStep(reshape(rows, [batchSize, length]), order) },
      decayExempt: objective.decayExempt,
      ...(predictor.rematerialize && { rematerialized: true }),
    },
    feeds: async (batch) => {
      const found = await encode.run({ pixels: batch.pixels });
      const variation = random(options.seed, "request", batch.step);
      return {
        ids: Int32Array.from(found.ids!.data as BigInt64Array, Number),
        inputs: found.inputs!.data,
        ...requestFeeds(options, batch, variation),
        ...(factors && branchFactors(objective.dropPath, batchSize, predictor.depth, variation)),
      };
    },
    report: ({ metrics }) => {
      const scales = metrics.scales as Float32Array;
      return Object.fromEntries([...scales].map((value, k) => [`scale${k + 1}`, value]));
    },
    preview: options.preview,
    save: options.save,
  };
}

async function encoder(
  device: Device,
  { tokenizer, tokenizerParameters, batchSize }: NextScaleTaskOptions,
): Promise<CompiledFunction> {
  const { ids, inputs } = traceEncoding(tokenizer, batchSize);
  return compile(device, "tokenizer", { ids, inputs }, { constants: tokenizerParameters });
}

/** Mean loss of each step's tokens: [B, L] → [K]. */
function lossPerStep(losses: Tensor, { steps, tokenCount }: Order): Tensor {
  const shares = new Float32Array(tokenCount * steps.length);
  steps.forEach(({ start, count }, k) => {
    for (let i = start; i < start + count; i++) shares[i * steps.length + k] = 1 / count;
  });
  const perPicture = matmul(losses, constant(shares, [tokenCount, steps.length]));
  return reshape(mean(perPicture, 0), [steps.length]);
}
