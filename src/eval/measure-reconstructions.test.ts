import { describe, expect, it } from "vitest";
import {
  blurred,
  fakeNetwork,
  fakePerceptual,
  noisy,
  SIDE,
  scenes,
  setOf,
} from "../../test/eval/fixtures.ts";
import type { Picture } from "../images/picture.ts";
import { frechetDistance } from "../metrics/frechet.ts";
import { statisticsOf } from "../metrics/moments.ts";
import { meanPsnr, psnr } from "../metrics/psnr.ts";
import { ssim } from "../metrics/ssim.ts";
import { measureReconstructions, type Reconstructor } from "./measure-reconstructions.ts";
import { meanOf } from "./pair-metrics.ts";

const network = fakeNetwork();
const pictures = scenes("originals", 60);

const options = { network, cache: null, batch: 16, seed: 1, perceptual: fakePerceptual };

/** Loses what `damage` loses; its ids are the picture's number in a codebook of 64. */
function tokenizer(
  damage: (picture: Picture, i: number) => Picture,
  changes: Partial<Reconstructor> = {},
): Reconstructor {
  let next = 0;
  return {
    name: "damage",
    size: { width: SIDE, height: SIDE },
    codebookSize: 64,
    maps: [
      { height: 1, width: 1 },
      { height: 2, width: 1 },
    ],
    tokenize: async (picture) => {
      const i = next++;
      return { ids: [[7], [i % 60, (i + 1) % 60]], picture: damage(picture, i) };
    },
    ...changes,
  };
}

const blur = (picture: Picture) => blurred(picture, 1);

async function valuesOf(reconstructor: Reconstructor): Promise<Record<string, number | null>> {
  const { metrics } = await measureReconstructions(setOf(pictures), reconstructor, options);
  return Object.fromEntries(metrics.map(({ id, value }) => [id, value]));
}

describe("measuring reconstructions", () => {
  it("gives the numbers of the definitions", async () => {
    const found = await valuesOf(tokenizer(blur));
    const rebuilt = pictures.map(blur);
    const [own, other] = await Promise.all([network.features(rebuilt), network.features(pictures)]);
    const { distance } = frechetDistance(statisticsOf(own.features), statisticsOf(other.features));
    expect(found.rfd).toBeCloseTo(distance, 8);
    expect(found.psnr).toBeCloseTo(meanPsnr(pictures.map((one) => psnr(one, blur(one)))).mean!, 12);
    const similar = pictures.map((one) =>
      ssim(one, blur(one), { range: 255, variant: "gaussian" }),
    );
    expect(found["ssim-gaussian"]).toBeCloseTo(meanOf(similar), 12);
    const distances = await fakePerceptual.distances(pictures, rebuilt);
    expect(found.perceptual).toBeCloseTo(meanOf(distances), 12);
  });

  it("counts codes by map and together, and bits by pixel", async () => {
    const { metrics, scales } = await measureReconstructions(
      setOf(pictures),
      tokenizer(blur),
      options,
    );
    expect(scales.map(({ scale, tokens }) => [scale, tokens])).toEqual([
      ["1x1", 60],
      ["1x2", 120],
      ["all", 180],
    ]);
    expect(scales[0]).toMatchObject({ usage: 1 / 64, entropy: 0, perplexity: 1 });
    expect(scales[1]!.usage).toBe(60 / 64);
    expect(scales[1]!.entropy).toBeCloseTo(Math.log2(60), 12);
    const value = (id: string) => metrics.find((one) => one.id === id)!.value!;
    expect(value("usage")).toBeCloseTo((100 * 60) / 64, 12);
    expect(value("bpp")).toBeCloseTo((3 * 6) / SIDE ** 2, 12);
    expect(value("bpp-entropy")).toBeCloseTo((2 * Math.log2(60)) / SIDE ** 2, 12);
  });

  it("finds nothing lost where nothing is lost, and says that PSNR has no mean then", async () => {
    const { metrics } = await measureReconstructions(
      setOf(pictures),
      tokenizer((picture) => picture),
      options,
    );
    const [rfd, ratio, similarity] = metrics;
    expect(rfd!.value).toBeCloseTo(0, 6);
    expect(ratio).toMatchObject({
      value: null,
      unavailable: "all pictures equal their originals",
    });
    expect(similarity!.value).toBe(1);
  });

  it("sees more loss where there is more, in every metric", async () => {
    let before = await valuesOf(tokenizer((picture, i) => noisy(picture, 0.01, i)));
    for (const sigma of [0.05, 0.1]) {
      const after = await valuesOf(tokenizer((picture, i) => noisy(picture, sigma, i)));
      expect(after.rfd).toBeGreaterThan(before.rfd!);
      expect(after.perceptual).toBeGreaterThan(before.perceptual!);
      expect(after.psnr).toBeLessThan(before.psnr!);
      expect(after["ssim-gaussian"]).toBeLessThan(before["ssim-gaussian"]!);
      before = after;
    }
  });

  it("resamples a picture with its own pair: like losses leave little to chance", async () => {
    const { metrics } = await measureReconstructions(setOf(pictures), tokenizer(blur), options);
    const [{ interval, floor }] = metrics as [(typeof metrics)[number]];
    expect(interval!.high - interval!.low).toBeLessThan(floor!.value);
  });

  it("asks no codes of tokens that are none", async () => {
    const tokens = { maps: [{ height: 4, width: 4 }] };
    const { codebookSize: _, ...rest } = tokenizer(blur, tokens);
    const silent = { ...rest, tokenize: async (one: Picture) => ({ ids: [], picture: blur(one) }) };
    const { metrics, scales } = await measureReconstructions(setOf(pictures), silent, options);
    expect(scales).toEqual([]);
    expect(metrics.at(-1)).toMatchObject({ unavailable: "needs tokens that are codes" });
  });

  it("leaves out the similarity of pictures that are smaller than its window", async () => {
    const small = pictures.map(({ data }) => ({ width: 8, height: 8, data: data.slice(0, 192) }));
    const found = await measureReconstructions(setOf(small), tokenizer(blur), options);
    const missing = found.metrics.filter(({ value }) => value === null);
    expect(missing.map(({ id, unavailable }) => [id, unavailable])).toEqual([
      ["ssim-gaussian", "needs 11 pixels a side"],
    ]);
  });
});
