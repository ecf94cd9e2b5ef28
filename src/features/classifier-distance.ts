/** PercDist: the formula of LPIPS with uniform weights on the maps of a classifier trained here. */
import { Scope } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { classify } from "./classifier.ts";
import { type Classifier, classifierOptions } from "./classifier-folder.ts";
import { classifierName } from "./classifier-network.ts";
import type { PerceptualNetwork } from "./feature-network.ts";
import { mapDistance } from "./map-distance.ts";
import { pairNetwork } from "./pair-network.ts";

/** Pictures are compared at their own size, whatever size the classifier was trained at. */
export function classifierDistance(device: Device, classifier: Classifier): PerceptualNetwork {
  const { config, parameters } = classifier;
  const options = classifierOptions(config);
  return pairNetwork(device, {
    name: `PercDist[${classifierName(classifier)}]`,
    constants: parameters,
    distance: (first, second) => {
      const scope = new Scope();
      const { maps } = classify(scope, first, options);
      return mapDistance(maps, classify(scope, second, options).maps);
    },
  });
}
