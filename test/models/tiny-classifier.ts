/** Classifiers of random weights, small enough to be written and run in a moment. */
import { classify } from "../../src/features/classifier.ts";
import { type ClassifierConfig, classifierOptions } from "../../src/features/classifier-folder.ts";
import { input } from "../../src/graph/ops/source.ts";
import { initialize, Scope } from "../../src/nn/layer.ts";

const config: ClassifierConfig = {
  schema: 1,
  kind: "classifier",
  dataset: "noise",
  arch: "small-resnet",
  sizes: { side: 16, channels: [4, 8], blocks: [0, 1], dimensions: 6, groups: 2 },
  classes: ["one", "two", "three"],
  testAccuracy: 0.25,
};

export function tinyClassifier(seed = 1): {
  readonly config: ClassifierConfig;
  readonly parameters: Map<string, Float32Array>;
} {
  const { side } = config.sizes;
  const scope = new Scope();
  const pixels = input("pixels", "float32", [1, 3, side, side]);
  classify(scope, pixels, classifierOptions(config));
  return { config, parameters: initialize(scope.specs, seed) };
}
