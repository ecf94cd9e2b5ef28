/** PercDist: the formula of LPIPS with uniform weights on the maps of a classifier trained here. */
import { classify } from "./classifier.ts";
import { type Classifier, classifierOptions } from "./classifier-folder.ts";
import { classifierName } from "./classifier-network.ts";
import { mapDistance } from "./map-distance.ts";
import type { PairParts } from "./pair-network.ts";

/** Pictures are compared at their own size, whatever size the classifier was trained at. */
export function classifierDistance(classifier: Classifier): PairParts {
  const { config, parameters } = classifier;
  const options = classifierOptions(config);
  return {
    name: `PercDist[${classifierName(classifier)}]`,
    constants: parameters,
    distance: (scope, first, second) => {
      const { maps } = classify(scope, first, options);
      return mapDistance(maps, classify(scope, second, options).maps);
    },
  };
}
