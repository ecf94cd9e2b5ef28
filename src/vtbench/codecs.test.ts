import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Picture } from "../images/picture.ts";
import { landscape } from "../procedural/landscapes.ts";
import { gratingPicture } from "../procedural/patterns.ts";
import { random } from "../random/random.ts";
import { bicubic, identity } from "./anchors.ts";
import { lossy, lossyAtBits } from "./lossy.ts";
import { ranking } from "./ranking.ts";
import { runBench } from "./run.ts";
import { modulation, octaveEnergies, retention } from "./spectrum.ts";
import type { SplitScore } from "./split-score.ts";
import type { Split } from "./splits.ts";
import { changeTiles, tileCount } from "./tiles.ts";
import { budgetOf, tokenizerCodec } from "./tokenizer-codec.ts";

const scene = landscape(1, 2, 96, 64);

/** Forgets everything but where tiles begin. */
const blackener = {
  name: "blackener",
  size: { width: 32, height: 32 },
  maps: [
    { height: 1, width: 1 },
    { height: 2, width: 2 },
  ],
  codebookSize: 1024,
  tokenize: async (tile: Picture) => ({
    ids: [],
    picture: { ...tile, data: new Uint8Array(tile.data.length) },
  }),
};

describe("tiles", () => {
  it("put a picture together as it was, whatever the sizes", async () => {
    const side = fc.integer({ min: 1, max: 20 });
    await fc.assert(
      fc.asyncProperty(side, side, side, side, async (width, height, w, h) => {
        const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (7 * i) % 256);
        const picture = { width, height, data };
        const tile = { width: w, height: h };
        let count = 0;
        const same = await changeTiles(picture, tile, async (part) => {
          count++;
          expect(part.data.length).toBe(3 * w * h);
          return part;
        });
        expect(same).toEqual(picture);
        expect(count).toBe(tileCount(picture, tile));
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});

describe("bits", () => {
  it("of a tokenizer are those of its tokens, for each tile", async () => {
    const codec = tokenizerCodec(blackener);
    const { bits, picture } = await codec.rebuild(landscape(1, 0, 70, 33));
    expect(bits).toBe(3 * 2 * 5 * 10);
    expect([picture.width, picture.height]).toEqual([70, 33]);
    expect(codec.about).toBe("5 tokens a tile of 32x32, 1024 codes");
  });

  it("are not counted where tokens are no codes", async () => {
    const { codebookSize: _, ...continuous } = blackener;
    expect((await tokenizerCodec(continuous).rebuild(scene)).bits).toBeNull();
    expect(budgetOf(continuous)).toBeNull();
  });

  it.each(["jpeg", "webp"] as const)("of %s stay within the budget, and use it", async (format) => {
    const files = await Promise.all([20, 60, 90].map((q) => lossy(format, q).rebuild(scene)));
    for (const { bits } of files) {
      const found = await lossyAtBits(format, { name: "x", bitsFor: () => bits! }).rebuild(scene);
      expect(found.bits).toBe(bits);
    }
  });

  it("fewer than a file needs are a failure that is counted, and stops nobody", async () => {
    const tight = lossyAtBits("jpeg", { name: "tight", bitsFor: () => 800 });
    const split: Split = {
      name: "scenes",
      task: "reconstruction",
      about: "one scene",
      count: 2,
      latin: false,
      sample: () => ({ picture: scene }),
    };
    const none = { tesseract: null, perceptual: null, official: false };
    const { scores } = await runBench({ codecs: [tight, identity], splits: [split], ...none });
    expect(scores[0]).toMatchObject({ pictures: 0, failed: 2, psnr: null, bitsPerPixel: null });
    expect(scores[0]!.failures).toHaveLength(1);
    expect(scores[0]!.failures[0]).toContain("expected a file of at most 100 bytes");
    expect(scores[1]).toMatchObject({ pictures: 2, failed: 0, bitsPerPixel: 24 });
  });
});

describe("spectral retention", () => {
  const noise: Picture = {
    width: 64,
    height: 64,
    data: Uint8Array.from(random(1).uniforms(3 * 64 * 64), (value) => 256 * value),
  };

  it("is 1 for the picture itself, and 0 for one without detail", () => {
    const grey = { ...noise, data: new Uint8Array(noise.data.length).fill(128) };
    expect(retention([octaveEnergies(noise, noise)])).toEqual([1, 1, 1, 1, 1]);
    for (const value of retention([octaveEnergies(noise, grey)])) expect(value).toBeCloseTo(0, 9);
  });

  it("has the energy of the picture in its octaves", () => {
    const { picture, period } = gratingPicture(1, 4, 64);
    expect(period).toBe(8);
    const energies = octaveEnergies(picture, picture).map(({ original }) => original);
    const total = energies.reduce((sum, energy) => sum + energy, 0);
    const upTo8 = energies[2]! + energies[3]!;
    expect(upTo8 / total).toBeGreaterThan(0.9);
  });

  it("falls first in the finest octave", async () => {
    const { picture } = await bicubic(4).rebuild(noise);
    const values = retention([octaveEnergies(noise, picture)]);
    expect(values[0]).toBeGreaterThan(0.9);
    expect(values.at(-1)).toBeLessThan(0.1);
  });
});

describe("modulation transfer", () => {
  it("is the share of the amplitude that is left", async () => {
    for (const index of [1, 2, 3, 4, 5, 6]) {
      const { picture, ...grating } = gratingPicture(1, index, 64);
      const faded = { ...picture, data: picture.data.map((value) => 128 + (value - 128) / 4) };
      expect(modulation(picture, picture, grating)).toBe(1);
      expect(modulation(picture, faded, grating)).toBeCloseTo(0.25, 1);
    }
  });
});

describe("the ranking", () => {
  const base = { pictures: 1, failed: 0, failures: [], equal: 0, psnrPooled: null };
  const score = (codec: string, psnr: number | null, cer: number): SplitScore[] => [
    {
      ...base,
      split: "scenes",
      task: "reconstruction",
      codec,
      bitsPerPixel: 1,
      psnr,
      ssim: null,
      perceptual: null,
    },
    {
      ...base,
      split: "kana",
      task: "text",
      codec,
      bitsPerPixel: 3,
      psnr: null,
      ssim: null,
      perceptual: null,
      glyphs: {
        cer,
        cerOfOriginals: 0,
        excess: cer,
        cerAgainstReading: cer,
        wer: null,
        werVtbench: null,
        unread: 0,
      },
    },
  ];
  const named = ["a", "b", "c"].map((name) => ({ ...identity, name }));

  it("goes by the mean of the ranks in the tasks; equal pictures come first", () => {
    const scores = [...score("a", 20, 0.5), ...score("b", null, 0), ...score("c", 30, 0.5)];
    const found = ranking(named, scores);
    expect(found.map(({ codec, meanRank }) => [codec, meanRank])).toEqual([
      ["b", 1],
      ["c", 2],
      ["a", 2.5],
    ]);
    expect(found[0]!.bitsPerPixel).toBe(2);
  });

  it("puts whoever failed last in the task, however good the rest is", () => {
    const scores = [...score("a", 20, 0.5), ...score("b", 30, 0.6), ...score("c", 99, 0.1)];
    const failing = scores.map((one) =>
      one.codec === "c" && one.task === "reconstruction" ? { ...one, failed: 1 } : one,
    );
    const found = ranking(named, failing);
    expect(found.map(({ codec, meanRank }) => [codec, meanRank])).toEqual([
      ["a", 2],
      ["b", 2],
      ["c", 2],
    ]);
    expect(found.find(({ codec }) => codec === "c")).toMatchObject({
      values: { text: 0.1 },
      failed: { reconstruction: 1 },
    });
  });

  it("leaves out text whose reader errs on the originals", () => {
    const scores = score("a", 20, 0.5).map((one) =>
      one.glyphs ? { ...one, glyphs: { ...one.glyphs, cerOfOriginals: 0.02 } } : one,
    );
    const [first, second] = ranking(named, [...scores, ...score("b", 10, 0.1)]);
    expect(first).toMatchObject({ codec: "a", meanRank: 1, values: { reconstruction: 20 } });
    expect(first!.values).not.toHaveProperty("text");
    expect(second).toMatchObject({ codec: "b", values: { text: 0.1 } });
  });
});
