/** The classifiers that are trained here, by architecture. */
import type { Tensor } from "../graph/node.ts";
import type { BatchMoments } from "../nn/batch-norm.ts";
import type { Scope } from "../nn/layer.ts";
import type { ClassifierOutput } from "./classifier-output.ts";
import { type SmallConvnetOptions, smallConvnet } from "./small-convnet.ts";
import { type SmallResnetOptions, smallResnet } from "./small-resnet.ts";

/** Sizes of a classifier but the number of its classes, which comes with its data. */
export type ClassifierNetwork =
  | ({ readonly arch: "small-resnet" } & Omit<SmallResnetOptions, "classes">)
  | ({ readonly arch: "small-convnet" } & Omit<SmallConvnetOptions, "classes">);

export type ClassifierOptions = ClassifierNetwork & { readonly classes: number };

/**
 * Classifies pixels [B, 3, H, W] in [−1, 1].
 *
 * @param batch where training collects the moments of its batches; absent in a finished network.
 * @throws ConfigError, ShapeError for sizes that do not fit.
 */
export function classify(
  scope: Scope,
  pixels: Tensor,
  options: ClassifierOptions,
  batch?: BatchMoments,
): ClassifierOutput {
  switch (options.arch) {
    case "small-resnet":
      return smallResnet(scope, pixels, options);
    case "small-convnet":
      return smallConvnet(scope, pixels, options, batch);
  }
}
