/** Features of a whole set, batch by batch: pictures are read, measured and forgotten. */
import { ShapeError } from "../errors.ts";
import type { FeatureBatch, FeatureNetwork } from "../features/feature-network.ts";
import { type Features, featuresOf } from "../metrics/features.ts";
import { FeatureCache, type FeatureRow } from "./feature-cache.ts";
import { inBatches, type PictureSet, type StoredPicture } from "./picture-set.ts";

/** Some pictures of a set, in its order, with what the network says of them. */
export interface ExtractedBatch {
  readonly pictures: readonly StoredPicture[];
  /** [B, D]. */
  readonly features: Features;
  /** [B, K]. */
  readonly logits: Features;
  /** [B, S]; null where the network has none. */
  readonly spatial: Features | null;
}

export interface ExtractOptions {
  readonly network: FeatureNetwork;
  /** Null computes everything anew. */
  readonly cache: FeatureCache | null;
  /** Pictures that the network sees at once; changes no number. */
  readonly batch: number;
  readonly signal?: AbortSignal;
}

/**
 * Pictures whose features are in the cache are not decoded.
 *
 * @throws the signal's reason if it aborts; what was computed until then is in the cache.
 */
export async function* extractFeatures(
  set: PictureSet,
  options: ExtractOptions,
): AsyncGenerator<ExtractedBatch, void, undefined> {
  for await (const pictures of inBatches(set.pictures(), options.batch)) {
    options.signal?.throwIfAborted();
    yield extractBatch(pictures, set.decoding, options);
  }
}

async function extractBatch(
  pictures: readonly StoredPicture[],
  decoding: string,
  { network, cache }: ExtractOptions,
): Promise<ExtractedBatch> {
  const keys = pictures.map(({ hash }) => FeatureCache.key(hash, decoding));
  const rows = await Promise.all(keys.map((key) => cache?.get(key) ?? null));
  const missing = rows.flatMap((row, i) => (row ? [] : [i]));
  if (missing.length > 0) {
    const decoded = await Promise.all(missing.map((i) => pictures[i]!.decode()));
    const found = await network.features(decoded);
    requireRows(network, found, missing.length);
    const computed = missing.map((_, row) => ({
      features: rowOf(found.features, row),
      logits: rowOf(found.logits, row),
      spatial: found.spatial && rowOf(found.spatial, row),
    }));
    await cache?.put(computed.map((row, i) => ({ ...row, key: keys[missing[i]!]! })));
    computed.forEach((row, i) => {
      rows[missing[i]!] = row;
    });
  }
  const found = rows as readonly FeatureRow[];
  return {
    pictures,
    features: joined(found, "features", network.width),
    logits: joined(found, "logits", network.classes),
    spatial: network.spatialWidth === null ? null : joined(found, "spatial", network.spatialWidth),
  };
}

/** As float32, which is what the cache keeps: numbers must not depend on where a row came from. */
function rowOf({ values, width }: Features, row: number): Float32Array {
  return Float32Array.from(values.subarray(row * width, (row + 1) * width));
}

function joined(rows: readonly FeatureRow[], part: keyof FeatureRow, width: number): Features {
  const values = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) values.set(row[part]!, i * width);
  return featuresOf(values, width);
}

function requireRows(
  { name, width, classes, spatialWidth }: FeatureNetwork,
  { features, logits, spatial }: FeatureBatch,
  count: number,
): void {
  const shapeOf = (rows: Features | null) => (rows ? `[${rows.count}, ${rows.width}]` : "none");
  const wordsOf = (shapes: readonly string[]) =>
    `features ${shapes[0]}, logits ${shapes[1]}, at places ${shapes[2]}`;
  const places = spatialWidth === null ? "none" : `[${count}, ${spatialWidth}]`;
  const expected = wordsOf([`[${count}, ${width}]`, `[${count}, ${classes}]`, places]);
  const got = wordsOf([features, logits, spatial].map(shapeOf));
  if (got !== expected) throw new ShapeError({ where: name, expected, got });
}
