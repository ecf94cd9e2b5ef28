/** What the ladder measures at each rung. */

import type { FeatureNetwork, PerceptualNetwork } from "../../src/features/feature-network.ts";
import type { Picture } from "../../src/images/picture.ts";
import type { Features } from "../../src/metrics/features.ts";
import { frechetDistance } from "../../src/metrics/frechet.ts";
import { inceptionScore } from "../../src/metrics/inception-score.ts";
import { kernelDistance } from "../../src/metrics/kernel-distance.ts";
import { statisticsOf } from "../../src/metrics/moments.ts";
import { precisionRecall } from "../../src/metrics/precision-recall.ts";
import { meanPsnr, psnr } from "../../src/metrics/psnr.ts";
import { ssim } from "../../src/metrics/ssim.ts";
import { blurred, collapsed, noisy, throughJpeg } from "../../test/pictures/damage.ts";

export interface LabelledPicture {
  readonly picture: Picture;
  readonly label: string;
}

export interface Rung {
  readonly damage: string;
  /** How strong, in the damage's own unit; 0 is none. */
  readonly level: number;
  readonly pictures: readonly Picture[];
  /** Whether picture i shows what picture i of the undamaged samples shows. */
  readonly pairs: boolean;
}

export interface RungMeasure {
  readonly damage: string;
  readonly level: number;
  readonly values: Readonly<Record<string, number>>;
}

/** Pairs are measured on so many pictures. */
const PAIRS = 500;

/** The sheet's ladder. `pool` begins with the samples and has enough pictures of every class. */
export async function rungsOf(pool: readonly LabelledPicture[], count: number): Promise<Rung[]> {
  const labelled = pool.slice(0, count);
  const samples = labelled.map(({ picture }) => picture);
  const labels = [...new Set(pool.map(({ label }) => label))].sort();
  const present = (share: number) => {
    const kept = new Set(labels.slice(Math.round(share * labels.length)));
    return pool.filter(({ label }) => kept.has(label)).map(({ picture }) => picture);
  };
  const ladder = async (
    damage: string,
    levels: readonly number[],
    make: (level: number) => Picture[] | Promise<Picture[]>,
    pairs: boolean,
  ): Promise<Rung[]> => {
    const rungs: Rung[] = [{ damage, level: 0, pictures: samples, pairs }];
    for (const level of levels) {
      rungs.push({ damage, level, pictures: (await make(level)).slice(0, count), pairs });
    }
    return rungs;
  };
  return [
    ...(await ladder("noise", [0.01, 0.02, 0.05, 0.1], (sigma) => noisy(samples, sigma), true)),
    ...(await ladder("blur", [0.5, 1, 2], (sigma) => blurred(samples, sigma), true)),
    ...(await ladder("JPEG", [90, 50, 25, 10], (quality) => throughJpeg(samples, quality), true)),
    ...(await ladder("missing classes", [0.1, 0.3, 0.5], present, false)),
    ...(await ladder("duplicates", [0.1, 0.3], (share) => collapsed(labelled, share), false)),
  ];
}

export function distance(a: Features, b: Features): number {
  return frechetDistance(statisticsOf(a), statisticsOf(b)).distance;
}

/** Distances to a reference of as many pictures as the rungs have. */
export async function measureRung(
  { damage, level, pictures, pairs }: Rung,
  samples: readonly Picture[],
  reference: Features,
  networks: { readonly features: FeatureNetwork; readonly perceptual: PerceptualNetwork },
): Promise<RungMeasure> {
  const { features, logits } = await networks.features.features(pictures);
  const { precision, recall } = precisionRecall(features, reference);
  const kernel = { seed: 1, subsets: 50, subsetSize: Math.min(1000, pictures.length >> 1) };
  const sets = {
    FD: distance(features, reference),
    KD: kernelDistance(features, reference, kernel).mean,
    IS: inceptionScore(logits, { parts: 10 }).mean,
    precision,
    recall,
  };
  if (!pairs || level === 0) return { damage, level, values: sets };
  const [own, others] = [pictures.slice(0, PAIRS), samples.slice(0, PAIRS)];
  const ratios = own.map((picture, i) => psnr(picture, others[i]!));
  const similar = own.map((picture, i) =>
    ssim(picture, others[i]!, { range: 255, variant: "gaussian" }),
  );
  const far = await networks.perceptual.distances(own, others);
  return {
    damage,
    level,
    values: {
      ...sets,
      PSNR: meanPsnr(ratios).mean!,
      SSIM: mean(similar),
      PercDist: mean(far),
    },
  };
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}
