/** What samples are held against: pictures, the statistics of a published evaluator, or both. */
import { DataError } from "../errors.ts";
import type { FeatureNetwork } from "../features/feature-network.ts";
import { openNpz } from "../metrics/npz-read.ts";
import { readStatistics, type StatisticsFile } from "../metrics/statistics-file.ts";
import { openArrayPictures, PICTURE_ARRAY } from "./array-pictures.ts";
import { isArrayFile, openPictureSet } from "./open-pictures.ts";
import type { PictureSet, PictureSetOptions } from "./picture-set.ts";

export interface Reference {
  /** The path as it was given. */
  readonly name: string;
  /** Null for a file of statistics alone. */
  readonly pictures: PictureSet | null;
  /** Null where they have to be taken from the pictures. */
  readonly statistics: StatisticsFile | null;
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
  const statistics = hasStatistics ? await readStatistics(path) : null;
  const pictures = hasPictures ? await openArrayPictures(path, options) : null;
  return { name: path, pictures, statistics };
}

/** @throws DataError if statistics of the reference cannot come from this network. */
export function requireSameNetwork(
  { name, statistics }: Reference,
  { name: own, width, spatialWidth }: FeatureNetwork,
): void {
  if (!statistics) return;
  const hint = "Statistics can only be compared through the network that made them: see --features";
  const { pooled, spatial, network } = statistics;
  if (network !== null && network !== own) {
    throw new DataError({ where: name, expected: `statistics of ${own}`, got: network, hint });
  }
  const requireWidth = (array: string, found: number, expected: number) => {
    if (found === expected) return;
    const facts = { expected: `${expected} features of ${own}`, got: `${found}` };
    throw new DataError({ where: `${name}: ${array}`, ...facts, hint });
  };
  requireWidth("mu", pooled.mean.length, width);
  if (spatial && spatialWidth) requireWidth("mu_s", spatial.mean.length, spatialWidth);
}
