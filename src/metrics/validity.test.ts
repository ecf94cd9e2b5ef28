/**
 * The validity ladder of the sheet on drawn pictures: each kind of damage moves each metric the way
 * its definition says. Features come from a fixed rule here; a trained network has a ladder of its own.
 */
import { describe, expect, it } from "vitest";
import { CLASSES, colourFeatures, noisy, SIDE, scenes } from "../../test/eval/fixtures.ts";
import type { Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import { CodeCounts } from "./codebook-statistics.ts";
import { type Features, featuresOf } from "./features.ts";
import { frechetDistance } from "./frechet.ts";
import { inceptionScore } from "./inception-score.ts";
import { kernelDistance } from "./kernel-distance.ts";
import { statisticsOf } from "./moments.ts";
import { type FeatureMaps, perceptualDistances } from "./perceptual-distance.ts";
import { precisionRecall } from "./precision-recall.ts";
import { meanPsnr, psnr } from "./psnr.ts";
import { ssim } from "./ssim.ts";
import { characterErrors, errorRate } from "./text-errors.ts";

const side = SIDE;
const classes = CLASSES;
const count = 240;

const real = scenes("reference", count);
const clean = scenes("samples", count);
const noises = [0, 0.01, 0.02, 0.05, 0.1, 0.2];
const blurs = [0, 0.5, 1, 2];

describe("distances between sets", () => {
  it("rise strictly with noise", () => {
    const ladder = noises.map((sigma) => clean.map((picture, i) => noisy(picture, sigma, i)));
    expectRising(ladder.map((set) => frechet(set, real)));
    // the unbiased estimate scatters about 0 while the damage is smaller than its error
    expectRising([0, 3, 4, 5].map((step) => kernel(ladder[step]!, real)));
  });

  it("rise strictly with blur", () => {
    const ladder = blurs.map((sigma) => clean.map((picture) => blurred(picture, sigma)));
    expectRising([0, 2, 3].map((step) => frechet(ladder[step]!, real)));
    expectRising([0, 2, 3].map((step) => kernel(ladder[step]!, real)));
    // against the very pictures the least blur counts as well
    expectRising(ladder.map((set) => frechet(set, clean)));
  });

  it("rise strictly with missing classes, while the score of the samples falls", () => {
    const ladder = [6, 5, 4, 3].map((present) => clean.map((_, i) => clean[latest(i, present)]!));
    expectRising(ladder.map((set) => frechet(set, real)));
    expectRising(ladder.map((set) => kernel(set, real)));
    expectRising(ladder.map((set) => -inceptionScore(logits(set), { parts: 2 }).mean));
  });

  it("rise with duplicates of one picture", () => {
    const ladder = [0.1, 0.3, 0.6].map((share) =>
      clean.map((picture, i) => (i >= (1 - share) * count ? clean[0]! : picture)),
    );
    expectRising(ladder.map((set) => frechet(set, real)));
    expectRising(ladder.map((set) => kernel(set, real)));
  });

  it("rise when classes collapse to one picture each, and recall falls", () => {
    const ladder = [0, 1, 2, 4].map((collapsed) =>
      clean.map((picture, i) => (i % classes < collapsed ? clean[i % classes]! : picture)),
    );
    expectRising(ladder.map((set) => frechet(set, real)));
    const recalls = ladder.map((set) => precisionRecall(features(set), features(real)).recall);
    expectRising(recalls.map((recall) => -recall));
  });

  it("are smallest between two sets of real pictures", () => {
    const floor = frechet(scenes("another", count), real);
    for (const set of [noisySet(0.05), clean.map((picture) => blurred(picture, 2))]) {
      expect(frechet(set, real)).toBeGreaterThan(floor);
    }
  });
});

describe("precision", () => {
  it("falls with noise", () => {
    const precisions = [0, 0.005, 0.01, 0.02].map(
      (sigma) => precisionRecall(features(noisySet(sigma)), features(real)).precision,
    );
    expectRising(precisions.map((precision) => -precision));
  });

  it("does not fall with duplicates of a good picture", () => {
    const { precision } = precisionRecall(features(clean), features(real));
    const half = clean.map((picture, i) => (i % 2 ? picture : clean[1]!));
    const doubled = precisionRecall(features(half), features(real));
    expect(doubled.precision).toBeGreaterThan(precision - 0.1);
  });
});

describe("metrics of pairs", () => {
  const few = clean.slice(0, 40);
  const damages: Readonly<Record<string, readonly Picture[][]>> = {
    noise: noises.slice(1).map((sigma) => noisySet(sigma).slice(0, few.length)),
    blur: blurs.slice(1).map((sigma) => few.map((picture) => blurred(picture, sigma))),
  };

  for (const [damage, ladder] of Object.entries(damages)) {
    it(`PSNR and SSIM fall and perceptual distance rises with ${damage}`, () => {
      const of = (measure: (a: Picture, b: Picture) => number) =>
        ladder.map((set) => mean(set.map((picture, i) => measure(picture, few[i]!))));
      expectRising(of((a, b) => -psnr(a, b)));
      for (const variant of ["scikit-image", "gaussian", "torchmetrics"] as const) {
        expectRising(of((a, b) => -ssim(a, b, { range: 255, variant })));
      }
      expectRising(
        ladder.map((set) => mean(perceptualDistances([gradients(set)], [gradients(few)]))),
      );
    });
  }

  it("do not see duplicates", () => {
    const [once, twice] = [
      clean.map((picture, i) => psnr(noisy(picture, 0.1, i), picture)),
      [...clean, ...clean].map((picture, i) => psnr(noisy(picture, 0.1, i % count), picture)),
    ];
    expect(meanPsnr(twice).mean).toBeCloseTo(meanPsnr(once).mean!, 10);
  });
});

describe("metrics of codes and texts", () => {
  it("entropy and perplexity fall with duplicated tokens, usage only when codes are lost", () => {
    const draws = random("codes");
    const tokens = Array.from({ length: 4000 }, () => draws.integer(64));
    const at = (share: number) => {
      const counts = new CodeCounts(64);
      counts.add(tokens.map((token, i) => (i < share * tokens.length ? 7 : token)));
      return counts.statistics();
    };
    const ladder = [0, 0.1, 0.3, 0.9].map(at);
    expectRising(ladder.map(({ entropy }) => -entropy));
    expectRising(ladder.map(({ perplexity }) => -perplexity));
    expect(ladder.map(({ usage }) => usage)).toEqual([1, 1, 1, 1]);
    expect(at(0.995).usage).toBeLessThan(1);
  });

  it("error rates rise with the share of characters that are misread", () => {
    const reference = "the quick brown fox jumps over the lazy dog".repeat(5);
    const at = (share: number) => {
      const draws = random("misread");
      const found = [...reference].map((letter) => (draws.uniform() < share ? "#" : letter));
      return errorRate(characterErrors([{ reference, found: found.join("") }]));
    };
    expectRising([0, 0.05, 0.2, 0.5].map(at));
  });
});

function expectRising(values: readonly number[]): void {
  for (const [i, value] of values.slice(1).entries()) expect(value).toBeGreaterThan(values[i]!);
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

function frechet(a: readonly Picture[], b: readonly Picture[]): number {
  return frechetDistance(statisticsOf(features(a)), statisticsOf(features(b))).distance;
}

function kernel(a: readonly Picture[], b: readonly Picture[]): number {
  return kernelDistance(features(a), features(b), { seed: 1, subsets: 20, subsetSize: 120 }).mean;
}

/** The nearest earlier picture whose class is among the first `present`. */
function latest(i: number, present: number): number {
  const label = i % classes;
  return label < present ? i : i - label + (label % present);
}

function noisySet(sigma: number): Picture[] {
  return clean.map((picture, i) => noisy(picture, sigma, i));
}

function blurred(picture: Picture, sigma: number): Picture {
  if (sigma === 0) return picture;
  const weights = Array.from({ length: 13 }, (_, i) =>
    Math.exp(-((i - 6) ** 2) / (2 * sigma ** 2)),
  );
  const total = weights.reduce((sum, value) => sum + value, 0);
  const along = (data: ArrayLike<number>, stepX: number, stepY: number) =>
    Float64Array.from({ length: data.length }, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % side, Math.floor(at / 3 / side)];
      const inside = (value: number) => Math.min(Math.max(value, 0), side - 1);
      let sum = 0;
      for (const [t, weight] of weights.entries()) {
        const [fromX, fromY] = [inside(x + stepX * (t - 6)), inside(y + stepY * (t - 6))];
        sum += weight * data[(fromY * side + fromX) * 3 + (at % 3)]!;
      }
      return sum / total;
    });
  const data = Uint8ClampedArray.from(along(along(picture.data, 1, 0), 0, 1));
  return { ...picture, data: new Uint8Array(data) };
}

function features(pictures: readonly Picture[]): Features {
  return featuresOf(Float64Array.from(pictures.flatMap(colourFeatures)), 9);
}

/** Certainty of a class by the red, green and blue excess and the size of the disc. */
function logits(pictures: readonly Picture[]): Features {
  const rows = pictures.flatMap(({ data }) => {
    const bright = [0, 0, 0];
    data.forEach((value, at) => {
      if (value > 200) bright[at % 3]!++;
    });
    return Array.from({ length: classes }, (_, label) => {
      const pixels = bright[label >> 1]!;
      return pixels > 0 ? 20 - Math.abs(pixels - (label % 2 ? 28 : 79)) / 2 : -20;
    });
  });
  return featuresOf(Float64Array.from(rows), classes);
}

/** Levels and differences to the neighbours on the right and below, as maps of nine channels. */
function gradients(pictures: readonly Picture[]): FeatureMaps {
  const inner = side - 1;
  const values = pictures.flatMap(({ data }) =>
    Array.from({ length: 9 * inner * inner }, (_, at) => {
      const [kind, c] = [Math.floor(at / inner / inner / 3), Math.floor(at / inner / inner) % 3];
      const p = (Math.floor(at / inner) % inner) * side + (at % inner);
      const here = data[p * 3 + c]!;
      if (kind === 0) return here;
      return here - data[(p + (kind === 1 ? 1 : side)) * 3 + c]!;
    }),
  );
  return {
    count: pictures.length,
    channels: 9,
    height: inner,
    width: inner,
    values: Float64Array.from(values),
  };
}
