/** What is measured of one picture and what a codec made of it. */
import type { PerceptualNetwork } from "../features/feature-network.ts";
import type { Picture } from "../images/picture.ts";
import { psnr } from "../metrics/psnr.ts";
import { rangeOfValues, ssim } from "../metrics/ssim.ts";
import type { Rebuilt } from "./codec.ts";
import { officialComparison, unnormalised } from "./official-quirks.ts";
import { modulation, type OctaveEnergy, octaveEnergies } from "./spectrum.ts";
import type { Sample, Split } from "./splits.ts";

export interface Measured {
  /** Null where they are not counted. */
  readonly bits: number | null;
  readonly pixels: number;
  /** dB; infinite for equal pictures. */
  readonly psnr: number;
  /** Null for pictures smaller than its window. */
  readonly ssim: number | null;
  /** Null without a network. */
  readonly perceptual: number | null;
  /** Only in the detail task. */
  readonly octaves?: readonly OctaveEnergy[];
  readonly transfer?: { readonly period: number; readonly value: number };
}

export interface MeasureTools {
  readonly perceptual: PerceptualNetwork | null;
  /** As VTBench's code compares, with its quirks. */
  readonly official: boolean;
}

const ssimWindow = 11;

export async function measure(
  split: Split,
  { grating }: Sample,
  original: Picture,
  { picture, bits }: Rebuilt,
  { perceptual, official }: MeasureTools,
): Promise<Measured> {
  const compared = official ? await officialComparison(original) : original;
  const found = official ? await officialComparison(picture) : picture;
  const range = official ? rangeOfValues(compared.data, found.data) || 255 : 255;
  const large = Math.min(compared.width, compared.height) >= ssimWindow;
  return {
    bits,
    pixels: original.width * original.height,
    psnr: psnr(compared, found),
    ssim: large ? ssim(compared, found, { range, variant: "torchmetrics" }) : null,
    perceptual: perceptual && (await distance(perceptual, compared, found, official)),
    ...(split.task === "detail" && { octaves: octaveEnergies(compared, found) }),
    ...(grating &&
      !official && {
        transfer: { period: grating.period, value: modulation(compared, found, grating) },
      }),
  };
}

async function distance(
  network: PerceptualNetwork,
  original: Picture,
  rebuilt: Picture,
  official: boolean,
): Promise<number> {
  const seen = (picture: Picture) => [official ? unnormalised(picture) : picture];
  return (await network.distances(seen(original), seen(rebuilt)))[0]!;
}
