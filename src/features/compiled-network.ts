/** A feature network on a device: one graph for any number of pictures, fed some at a time. */
import type { Picture } from "../images/picture.ts";
import { featuresOf } from "../metrics/features.ts";
import type { CompiledFunction, Feed } from "../runtime/function.ts";
import type { FeatureBatch, FeatureNetwork } from "./feature-network.ts";
import { runsOfOneSize } from "./picture-runs.ts";

export interface NetworkParts extends Omit<FeatureNetwork, "features" | "close"> {
  /** Has the results `features` [B, D], `logits` [B, K] and `spatial` [B, S] if the network has that. */
  readonly fn: CompiledFunction;
  /** Pictures that are in the graph at once. */
  readonly batch: number;
  /** What happens to a picture before it meets the others. */
  readonly prepare: (picture: Picture) => Promise<Picture>;
  /** The graph's inputs for pictures of one size. */
  readonly feeds: (pictures: readonly Picture[]) => Readonly<Record<string, Feed>>;
}

export function compiledNetwork(parts: NetworkParts): FeatureNetwork {
  const { fn, batch, prepare, feeds, ...facts } = parts;
  return {
    ...facts,
    features: async (pictures): Promise<FeatureBatch> => {
      const { width, classes, spatialWidth } = facts;
      const features = new Float32Array(pictures.length * width);
      const logits = new Float32Array(pictures.length * classes);
      const spatial = new Float32Array(pictures.length * (spatialWidth ?? 0));
      let done = 0;
      for (let start = 0; start < pictures.length; start += batch) {
        const prepared = await Promise.all(pictures.slice(start, start + batch).map(prepare));
        for (const run of runsOfOneSize(prepared)) {
          const results = await fn.run(feeds(run));
          features.set(results.features!.data as Float32Array, done * width);
          logits.set(results.logits!.data as Float32Array, done * classes);
          if (spatialWidth) {
            spatial.set(results.spatial!.data as Float32Array, done * spatialWidth);
          }
          done += run.length;
        }
      }
      return {
        features: featuresOf(features, width),
        logits: featuresOf(logits, classes),
        spatial: spatialWidth ? featuresOf(spatial, spatialWidth) : null,
      };
    },
    close: () => fn.release(),
  };
}
