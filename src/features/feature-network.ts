/**
 * A frozen network that says what pictures show: distances between sets of pictures are taken
 * between its features, and carry its name (metrics sheet: a number is only comparable where the
 * network is the same).
 */
import type { Picture } from "../images/picture.ts";
import type { Features } from "../metrics/features.ts";

/** What a network says of B pictures. */
export interface FeatureBatch {
  /** The last layer before the classes, [B, D]. */
  readonly features: Features;
  /** Class scores before the softmax, [B, K]; those of the inception score, without bias. */
  readonly logits: Features;
  /** Features at places, [B, S]; null where the network has none. */
  readonly spatial: Features | null;
}

export interface FeatureNetwork {
  /**
   * `<dataset>-<arch>-D<dim>-<first 8 hex digits of the weights' hash>`, or `inception-v3-2015` for
   * the network of the published FID, with a hash where its file is not the published one.
   */
  readonly name: string;
  /** Whether it is the network of the literature: only then may a distance be called FID. */
  readonly isInception: boolean;
  /** Features of a picture, D. */
  readonly width: number;
  /** Classes, K. */
  readonly classes: number;
  /** Features at places of a picture that sFID is taken between, S; null where there are none. */
  readonly spatialWidth: number | null;
  /** Names of the classes, by label; null where they are not known. */
  readonly classNames: readonly string[] | null;
  /** Fields of metadata that name a picture's class, the first that names one; none: its label. */
  readonly classFields: readonly string[];
  /** How pictures come to the network's size, in words, for reports. */
  readonly preprocessing: string;
  /** Pictures of any size; the network resizes them in its own way. */
  features(pictures: readonly Picture[]): Promise<FeatureBatch>;
  close(): Promise<void>;
}

/** Compares pictures in pairs by the maps of a network's layers. */
export interface PerceptualNetwork {
  /** `LPIPS[alex]`, `LPIPS[vgg]`, or `PercDist[<name of the network>]`. */
  readonly name: string;
  /** One distance for each pair; the pictures of a pair have one size. */
  distances(first: readonly Picture[], second: readonly Picture[]): Promise<Float64Array>;
  close(): Promise<void>;
}

/**
 * What a distance is called that was taken with a network: `FD[name]`, `KD[name]`, `P/R[name]`,
 * `IS[name]`, and the published names only for the published network.
 */
export function metricName(
  metric: "FD" | "sFD" | "KD" | "IS" | "P/R",
  network: FeatureNetwork,
): string {
  const published = { FD: "FID", sFD: "sFID", KD: "KID", IS: "IS", "P/R": "P/R" };
  return network.isInception ? published[metric] : `${metric}[${network.name}]`;
}
