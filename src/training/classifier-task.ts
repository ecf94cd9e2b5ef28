/**
 * Training of a classifier by cross-entropy with label smoothing (metrics sheet, "When no Inception
 * weights are available").
 *
 * Axes: B batch · S pixels per side · K classes
 */
import type { Batch } from "../data/batches.ts";
import { type SmallResnetOptions, smallResnet } from "../features/small-resnet.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply, negate } from "../graph/ops/arithmetic.ts";
import { cast, equal, indicator } from "../graph/ops/compare.ts";
import { reshape } from "../graph/ops/layout.ts";
import { argmax } from "../graph/ops/order.ts";
import { mean } from "../graph/ops/reduce.ts";
import { crossEntropy, logSoftmax } from "../graph/ops/softmax.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import type { TrainingTask } from "./task.ts";

export interface LabelledPixels {
  /** float32 [B, 3, S, S] in [−1, 1]. */
  readonly pixels: Float32Array;
  /** The class of each picture, [B]. */
  readonly labels: Int32Array;
}

export interface ClassifierTaskOptions
  extends Required<Pick<TrainingTask, "measure" | "preview" | "save">> {
  readonly network: SmallResnetOptions;
  /** Pixels per side, S. */
  readonly side: number;
  /** Pictures per step, B. */
  readonly pictures: number;
  /** How much of each label is spread evenly over all classes, 0 … 1. */
  readonly smoothing: number;
  /** What a step is trained on. */
  readonly examples: (batch: Batch) => LabelledPixels;
}

export function classifierTask(options: ClassifierTaskOptions): TrainingTask {
  const { network, side, pictures, smoothing, examples, measure, preview, save } = options;
  const scope = new Scope();
  const pixels = input("pixels", "float32", [pictures, 3, side, side]);
  const labels = input("labels", "int32", [pictures, 1]);
  const { logits } = smallResnet(scope, pixels, network);
  const right = equal(cast(reshape(argmax(logits), [pictures, 1]), "int32"), labels);
  return {
    graph: {
      name: "classifier",
      scope,
      loss: smoothedCrossEntropy(logits, labels, smoothing),
      metrics: { accuracy: mean(indicator(right)) },
      decayExempt: [],
    },
    feeds: async (batch) => ({ ...examples(batch) }),
    report: ({ metrics }) => ({ accuracy: metrics.accuracy![0] as number }),
    measure,
    preview,
    save,
  };
}

/** Cross-entropy to labels of which the share ε is spread over all K classes. logits [B, K]. */
function smoothedCrossEntropy(logits: Tensor, labels: Tensor, share: number): Tensor {
  const sharp = mean(crossEntropy(logits, labels));
  if (share === 0) return sharp;
  const even = negate(mean(logSoftmax(logits)));
  return add(multiply(sharp, 1 - share), multiply(even, share));
}
