/** What samples are held against: pictures, the statistics of a published evaluator, or both. */
import { DataError } from "../errors.ts";
import type { FeatureNetwork } from "../features/feature-network.ts";
import type { FeatureStatistics } from "../metrics/moments.ts";
import { openNpz } from "../metrics/npz-read.ts";
import { readStatistics } from "../metrics/statistics-file.ts";
import { openArrayPictures, PICTURE_ARRAY } from "./array-pictures.ts";
import { isArrayFile, openPictureSet } from "./open-pictures.ts";
import type { PictureSet, PictureSetOptions } from "./picture-set.ts";

export interface Reference {
  /** The path as it was given. */
  readonly name: string;
  /** Null for a file of statistics alone. */
  readonly pictures: PictureSet | null;
  /** Null where they have to be taken from the pictures. */
  readonly statistics: FeatureStatistics | null;
}

/** @throws DataError if the path holds neither pictures nor statistics. */
export async function openReference(
  path: string,
  options: PictureSetOptions = {},
): Promise<Reference> {
  if (!isArrayFile(path)) {
    return { name: path, pictures: await openPictureSet(path, options), statistics: null };
  }
  const file = await openNpz(path);
  const { names } = file;
  file.close();
  const hasPictures = names.includes(PICTURE_ARRAY);
  const hasStatistics = names.includes("mu");
  if (!hasPictures && !hasStatistics) {
    throw new DataError({
      where: path,
      expected: `pictures in ${PICTURE_ARRAY}, or statistics in mu and sigma`,
      got: names.slice(0, 10).join(", ") || "no arrays",
    });
  }
  const statistics = hasStatistics ? (await readStatistics(path)).statistics : null;
  const pictures = hasPictures ? await openArrayPictures(path, options) : null;
  return { name: path, pictures, statistics };
}

/** @throws DataError if statistics of the reference cannot come from this network. */
export function requireSameNetwork(
  { name, statistics }: Reference,
  { name: network, width }: FeatureNetwork,
): void {
  if (!statistics || statistics.mean.length === width) return;
  throw new DataError({
    where: `${name}: mu`,
    expected: `${width} features of ${network}`,
    got: `${statistics.mean.length}`,
    hint: "Statistics can only be compared through the network that made them: see --features",
  });
}
