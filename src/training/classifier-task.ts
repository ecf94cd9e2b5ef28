/**
 * Training of a classifier by cross-entropy with label smoothing (metrics sheet, "When no Inception
 * weights are available").
 *
 * Axes: B batch · S pixels per side · K classes
 */
import type { Batch } from "../data/batches.ts";
import { type ClassifierOptions, classify } from "../features/classifier.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply, negate } from "../graph/ops/arithmetic.ts";
import { cast, equal, indicator } from "../graph/ops/compare.ts";
import { reshape } from "../graph/ops/layout.ts";
import { argmax } from "../graph/ops/order.ts";
import { mean } from "../graph/ops/reduce.ts";
import { crossEntropy, logSoftmax } from "../graph/ops/softmax.ts";
import { input } from "../graph/ops/source.ts";
import { type BatchMoments, foldMoments } from "../nn/batch-norm.ts";
import { initializeFixed, Scope } from "../nn/layer.ts";
import {
  averagedMoments,
  type MomentAverages,
  momentResults,
  momentsIn,
  momentValues,
} from "./moment-averages.ts";
import type { TrainingTask } from "./task.ts";

export interface LabelledPixels {
  /** float32 [B, 3, S, S] in [−1, 1]. */
  readonly pixels: Float32Array;
  /** The class of each picture, [B]. */
  readonly labels: Int32Array;
}

export interface ClassifierTaskOptions
  extends Required<Pick<TrainingTask, "measure" | "preview" | "save">> {
  readonly network: ClassifierOptions;
  /** Pixels per side, S. */
  readonly side: number;
  /** Pictures per step, B. */
  readonly pictures: number;
  /** How much of each label is spread evenly over all classes, 0 … 1. */
  readonly smoothing: number;
  /** Of parameters that are drawn once and not trained. */
  readonly seed: number;
  /** What a step is trained on. */
  readonly examples: (batch: Batch) => LabelledPixels;
}

export function classifierTask(options: ClassifierTaskOptions): TrainingTask {
  const { network, side, pictures, smoothing, examples, seed } = options;
  const scope = new Scope();
  const pixels = input("pixels", "float32", [pictures, 3, side, side]);
  const labels = input("labels", "int32", [pictures, 1]);
  const batch: BatchMoments = new Map();
  const { logits } = classify(scope, pixels, network, batch);
  const right = equal(cast(reshape(argmax(logits), [pictures, 1]), "int32"), labels);
  const frozen = initializeFixed(scope.specs, seed);
  let averages: MomentAverages = new Map();
  const finished = (trained: ReadonlyMap<string, Float32Array>) =>
    foldMoments(new Map([...trained, ...frozen]), momentValues(averages));
  return {
    graph: {
      name: "classifier",
      scope,
      loss: smoothedCrossEntropy(logits, labels, smoothing),
      metrics: { accuracy: mean(indicator(right)), ...momentResults(batch) },
      decayExempt: [],
      frozen,
    },
    feeds: async (batch) => ({ ...examples(batch) }),
    report: ({ metrics }) => ({ accuracy: metrics.accuracy![0] as number }),
    afterStep: async (_, { step, result }) => {
      averages = averagedMoments(averages, result.metrics, step);
    },
    state: () => averages,
    restore: (state) => {
      averages = momentsIn(state);
    },
    measure: (device, trained) => options.measure(device, finished(trained)),
    preview: (device, trained) => options.preview(device, finished(trained)),
    save: (folder, trained, facts) => options.save(folder, finished(trained), facts),
  };
}

/** Cross-entropy to labels of which the share ε is spread over all K classes. logits [B, K]. */
function smoothedCrossEntropy(logits: Tensor, labels: Tensor, share: number): Tensor {
  const sharp = mean(crossEntropy(logits, labels));
  if (share === 0) return sharp;
  const even = negate(mean(logSoftmax(logits)));
  return add(multiply(sharp, 1 - share), multiply(even, share));
}
