/** A feature network on a device: one graph for any number of pictures, fed some at a time. */
import type { Picture } from "../images/picture.ts";
import { featuresOf } from "../metrics/features.ts";
import type { CompiledFunction, Feed } from "../runtime/function.ts";
import type { FeatureBatch, FeatureNetwork } from "./feature-network.ts";
import { runsOfOneSize } from "./picture-runs.ts";

export interface NetworkParts
  extends Pick<FeatureNetwork, "name" | "isInception" | "width" | "classes" | "preprocessing"> {
  /** Has the results `features` [B, D] and `logits` [B, K]. */
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
      const features = new Float32Array(pictures.length * facts.width);
      const logits = new Float32Array(pictures.length * facts.classes);
      let done = 0;
      for (let start = 0; start < pictures.length; start += batch) {
        const prepared = await Promise.all(pictures.slice(start, start + batch).map(prepare));
        for (const run of runsOfOneSize(prepared)) {
          const results = await fn.run(feeds(run));
          features.set(results.features!.data as Float32Array, done * facts.width);
          logits.set(results.logits!.data as Float32Array, done * facts.classes);
          done += run.length;
        }
      }
      return {
        features: featuresOf(features, facts.width),
        logits: featuresOf(logits, facts.classes),
      };
    },
    close: () => fn.release(),
  };
}
