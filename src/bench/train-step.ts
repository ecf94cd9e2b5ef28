/**
 * A training step of a plain transformer: blocks with normalisation first, learned positions, GELU,
 * each token sees itself and those before it, cross-entropy on the next token.
 *
 * Axes: B batch · S tokens · C width · V vocabulary
 */
import type { Tensor } from "../graph/node.ts";
import { add } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { mean } from "../graph/ops/reduce.ts";
import { crossEntropy } from "../graph/ops/softmax.ts";
import { constant, input } from "../graph/ops/source.ts";
import { feedForward } from "../nn/adaln-block.ts";
import { normal } from "../nn/initializers.ts";
import { type Layer, layer, Scope } from "../nn/layer.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { embedding, linear } from "../nn/linear.ts";
import { selfAttention } from "../nn/self-attention.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import type { TrainingGraph } from "../training/trainer.ts";
import { type TrainingWorkload, trainingWorkload } from "./training-workload.ts";
import type { BenchTarget, WorkloadOptions } from "./workload.ts";

export interface TrainStepSizes {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly tokens: number;
  readonly batch: number;
  readonly vocabulary: number;
}

/** 13.8 M parameters, 87 GFLOP. */
export const trainStepSizes: TrainStepSizes = {
  width: 512,
  layers: 4,
  heads: 8,
  tokens: 256,
  batch: 4,
  vocabulary: 1024,
};

export const trainStep: BenchTarget = {
  ...target("train-step", trainStepSizes, "13.8 M"),
  bars: { rate: 0.8, peakBytes: 0.7e9 },
};

/** The sizes of LlamaGen-B's blocks, 1.1 TFLOP. */
export const trainStepMedium: BenchTarget = target(
  "train-step-medium",
  { ...trainStepSizes, width: 768, layers: 12, heads: 12, batch: 8 },
  "86.8 M",
);

/** The sizes of LlamaGen-L's blocks, 7.8 TFLOP. */
export const trainStepLarge: BenchTarget = target(
  "train-step-large",
  { ...trainStepSizes, width: 1024, layers: 24, heads: 16, batch: 16 },
  "305 M",
);

function target(name: string, sizes: TrainStepSizes, parameters: string): BenchTarget {
  return {
    name,
    summary: `one training step of a transformer of ${parameters} parameters`,
    bars: {},
    peer: { script: "train_step.py", settings: { sizes } },
    open: (device, options) => openTrainStep(device, sizes, options),
  };
}

export async function openTrainStep(
  device: Device,
  sizes: TrainStepSizes,
  options: WorkloadOptions = {},
): Promise<TrainingWorkload> {
  const { tokens, batch, vocabulary } = sizes;
  const draw = random(1, "train-step");
  const drawn = () => Int32Array.from({ length: batch * tokens }, () => draw.integer(vocabulary));
  return trainingWorkload(device, trainStepGraph(sizes), { ids: drawn(), next: drawn() }, options);
}

export function trainStepGraph(sizes: TrainStepSizes): TrainingGraph {
  const { tokens, batch, vocabulary } = sizes;
  const scope = new Scope();
  const ids = input("ids", "int32", [batch, tokens]);
  const next = input("next", "int32", [batch * tokens, 1]);
  const logits = transformer(sizes).bind(scope)(ids);
  const loss = mean(crossEntropy(reshape(logits, [-1, vocabulary]), next));
  return { name: "train-step", scope, loss, metrics: {}, decayExempt: [] };
}

/** ids [B, S] → logits [B, S, V]. */
function transformer(sizes: TrainStepSizes): Layer<[ids: Tensor], Tensor> {
  const { width, layers, tokens, vocabulary } = sizes;
  const init = normal(0.02);
  const parts = {
    words: embedding(vocabulary, width, init),
    positions: { shape: [1, tokens, width], init },
    blocks: Array.from({ length: layers }, () => block(sizes)),
    norm: layerNorm(width),
    head: linear({ inputs: width, outputs: vocabulary, bias: false, init }),
  };
  return layer(parts, ({ words, positions, blocks, norm, head }, ids) => {
    const bias = constant(causalBias(tokens), [1, 1, tokens, tokens]);
    const x = add(words(ids), positions);
    return head(norm(blocks.reduce((h, run) => run(h, bias), x)));
  });
}

function block({ width, heads }: TrainStepSizes): Layer<[x: Tensor, bias: Tensor], Tensor> {
  const init = normal(0.02);
  const parts = {
    norm1: layerNorm(width),
    attention: selfAttention({
      width,
      heads,
      normalizeQueryKey: false,
      init,
      projectionInit: init,
    }),
    norm2: layerNorm(width),
    mlp: feedForward(width, 4 * width, init, init),
  };
  return layer(parts, ({ norm1, attention, norm2, mlp }, x, bias) => {
    const h = add(x, attention(norm1(x), { bias }));
    return add(h, mlp(norm2(h)));
  });
}

/** [S, S]: 0 where a token may look, −∞ after it. */
function causalBias(tokens: number): Float32Array {
  return Float32Array.from({ length: tokens * tokens }, (_, i) =>
    i % tokens > Math.floor(i / tokens) ? Number.NEGATIVE_INFINITY : 0,
  );
}
