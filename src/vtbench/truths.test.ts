/** What must be true of the benchmark: the list of its sheet. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PerceptualNetwork } from "../features/feature-network.ts";
import { blankPicture, type Picture, toPixels } from "../images/picture.ts";
import { resizePicture } from "../images/resize.ts";
import { encodePicture } from "../images/write.ts";
import { ssim } from "../metrics/ssim.ts";
import { characterErrors, editDistance, errorRate } from "../metrics/text-errors.ts";
import { abstractPage } from "../procedural/abstracts.ts";
import { devanagari } from "../procedural/devanagari.ts";
import { han } from "../procedural/han.ts";
import { hangul } from "../procedural/hangul.ts";
import { kana } from "../procedural/kana.ts";
import { landscape } from "../procedural/landscapes.ts";
import { poster } from "../procedural/posters.ts";
import { scriptPage } from "../procedural/script-pages.ts";
import type { TextPicture } from "../procedural/text-picture.ts";
import { openDevice } from "../runtime/device.ts";
import { bicubic, identity } from "./anchors.ts";
import { glyphReader } from "./glyph-reader.ts";
import { officialInput, truncatedPicture } from "./official-quirks.ts";
import { openTokenizer } from "./open-tokenizers.ts";
import { runBench } from "./run.ts";
import { pooledPsnr } from "./split-score.ts";
import type { Split } from "./splits.ts";
import { textScore } from "./text-score.ts";

const texts: readonly (readonly [string, () => TextPicture])[] = [
  ["posters", () => poster(1, 0, 256)],
  ["abstracts", () => abstractPage(1, 1, 240)],
  ["hangul", () => scriptPage(hangul, 1, 0, 100)],
  ["kana", () => scriptPage(kana, 1, 0, 160)],
  ["han", () => scriptPage(han, 1, 0, 120)],
  ["devanagari", () => scriptPage(devanagari, 1, 0, 160)],
];

const fewLevels: PerceptualNetwork = {
  name: "PercDist[mean level]",
  distances: async (first, second) =>
    Float64Array.from(first, (picture, i) => Math.abs(mean(picture) - mean(second[i]!))),
  close: async () => {},
};

const page = abstractPage(1, 0, 256);

const textSplit: Split = {
  name: "abstracts",
  task: "text",
  about: "one page",
  count: 1,
  latin: true,
  sample: () => ({ picture: page.picture, text: page }),
};

const sceneSplit: Split = {
  name: "scenes",
  task: "detail",
  about: "small scenes",
  count: 2,
  latin: false,
  sample: (index) => ({ picture: landscape(1, index, 64, 64) }),
};

const tools = { tesseract: null, perceptual: fewLevels, official: false };

describe("the identity", () => {
  it("loses nothing by any measure", async () => {
    const options = { codecs: [identity], splits: [sceneSplit, textSplit], ...tools };
    const { scores } = await runBench(options);
    for (const score of scores) {
      expect(score).toMatchObject({ psnr: null, psnrPooled: null, perceptual: 0, failed: 0 });
      expect(score.equal).toBe(score.pictures);
      expect(score.ssim).toBeCloseTo(1, 12);
    }
    expect(scores[0]!.retention!.map(({ value }) => value)).toEqual([1, 1, 1, 1, 1]);
    expect(scores[1]!.glyphs).toMatchObject({ cer: 0, wer: 0, excess: 0, werVtbench: 0 });
  });
});

describe("bytes that are cut instead of rounded", () => {
  const values = fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: 12, maxLength: 12 });
  const size = { width: 2, height: 2 };

  it("are off by 1/255 at most, and equal for equal pictures", () => {
    fc.assert(
      fc.property(values, (pixels) => {
        const { data } = truncatedPicture(pixels, size);
        for (let i = 0; i < data.length; i++) {
          const exact = (pixels[(i % 3) * 4 + Math.floor(i / 3)]! + 1) / 2;
          expect(exact - data[i]! / 255).toBeGreaterThanOrEqual(-1e-6);
          expect(exact - data[i]! / 255).toBeLessThan(1 / 255 + 1e-6);
        }
        expect(truncatedPicture(Float32Array.from(pixels), size).data).toEqual(data);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("change a picture that was bytes by one level at most", () => {
    const picture = landscape(1, 0, 24, 16);
    const cut = truncatedPicture(toPixels([picture]), picture);
    cut.data.forEach((value, i) => {
      expect(picture.data[i]! - value).toBeGreaterThanOrEqual(0);
      expect(picture.data[i]! - value).toBeLessThanOrEqual(1);
    });
  });
});

describe("PSNR and SSIM", () => {
  it("pool the error of pictures before the logarithm", () => {
    const [a, b] = [0.01, 0.0004];
    const rows = [a, b].map((mse) => ({ psnr: -10 * Math.log10(mse), pixels: 64 }));
    expect(pooledPsnr(rows)).toBeCloseTo(10 * Math.log10(2 / (a + b)), 10);
    expect(pooledPsnr([{ psnr: Number.POSITIVE_INFINITY, pixels: 64 }])).toBeNull();
  });

  it("are 1 for equal pictures only, and the same both ways", () => {
    const options = { range: 255, variant: "torchmetrics" } as const;
    const [a, b] = [landscape(1, 0, 32, 32), landscape(1, 1, 32, 32)];
    expect(ssim(a, a, options)).toBeCloseTo(1, 12);
    expect(ssim(a, b, options)).toBe(ssim(b, a, options));
    const dark = blankPicture(16, 16, [100, 100, 100]);
    expect(ssim(dark, blankPicture(16, 16, [120, 120, 120]), options)).toBeLessThan(1);
  });
});

describe("errors of text", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 8 }).map((s) => [...s]);

  it("are a distance", () => {
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
        expect(editDistance([], a)).toBe(a.length);
      }),
      { seed: 1, numRuns: 200 },
    );
    expect(errorRate(characterErrors([{ reference: "a", found: "abc" }]))).toBe(2);
  });

  it("of words as VTBench counts are those of characters by another length", () => {
    const text = fc
      .array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 5 }), {
        minLength: 1,
        maxLength: 6,
      })
      .map((words) => words.join(" "));
    fc.assert(
      fc.property(text, text, (original, rebuilt) => {
        const { cerAgainstReading, werVtbench } = textScore([{ original, rebuilt }], true);
        const words = original.split(" ").length;
        expect(werVtbench).toBeCloseTo((cerAgainstReading! * original.length) / words, 10);
      }),
      { seed: 1, numRuns: 200 },
    );
    const doubled = textScore([{ original: "a b", rebuilt: "a b c d e" }], true);
    expect(doubled.wer).toBe(1.5);
  });

  it("are undefined without a reference, which is counted and left out", () => {
    const readings = [
      { original: " ", rebuilt: "noise" },
      { original: "word", rebuilt: "ward" },
    ];
    expect(textScore(readings, true)).toMatchObject({ cerAgainstReading: 1 / 4, unread: 1 });
    expect(textScore(readings.slice(0, 1), true)).toMatchObject({
      cer: null,
      cerAgainstReading: null,
      wer: null,
      unread: 1,
    });
  });
});

describe("pictures on their way in", () => {
  it("are cropped to a square only where they are none", async () => {
    const square = landscape(1, 0, 96, 96);
    const cropped = await officialInput(square, { width: 64, height: 64 });
    const resized = await resizePicture(square, { width: 64, height: 64 }, "fill");
    expect(Buffer.compare(cropped.data, resized.data)).toBe(0);
  });
});

describe("a tokenizer", () => {
  it("gives the same bytes and scores each time", async () => {
    const device = await openDevice("cpu");
    const { codec, close } = await openTokenizer(device, "emoji-var", { truncate: false });
    try {
      const options = { codecs: [codec], splits: [{ ...sceneSplit, count: 1 }], ...tools };
      const [first, second] = [await runBench(options), await runBench(options)];
      expect(second.scores).toEqual(first.scores);
      const files = await Promise.all(
        [first, second].map(({ sheets }) => encodePicture(sheets[0]!.rows[0]!.rebuilt[0]!, "png")),
      );
      expect(Buffer.compare(files[0]!, files[1]!)).toBe(0);
    } finally {
      await close();
      await device.close();
    }
  });
});

describe("anchors", () => {
  it("lose more the smaller they are", async () => {
    const codecs = [bicubic(2), bicubic(4), bicubic(8)];
    const { scores } = await runBench({ codecs, splits: [sceneSplit, textSplit], ...tools });
    for (const split of ["scenes", "abstracts"]) {
      const own = scores.filter((score) => score.split === split);
      expectFalling(own.map(({ psnr }) => psnr!));
      expectFalling(own.map(({ ssim: value }) => value!));
    }
    expectFalling(scores.flatMap(({ glyphs }) => (glyphs ? [-glyphs.cer!] : [])));
  });
});

describe("the glyph reader", () => {
  it.each(texts)("reads clean %s with 1 error in 100 characters at most", (_name, make) => {
    const text = make();
    const read = glyphReader(text)(text.picture);
    const found = read.replaceAll("\n", " ");
    const reference = text.text.replaceAll("\n", " ");
    expect(errorRate(characterErrors([{ reference, found }]))).toBeLessThanOrEqual(0.01);
  });

  it.each(texts)("finds nothing of %s on uniform grey", (_name, make) => {
    const text = make();
    const { width, height } = text.picture;
    const read = glyphReader(text)(blankPicture(width, height, [128, 128, 128]));
    const readings = [{ truth: text.text, original: text.text, rebuilt: read }];
    expect(textScore(readings, true).cer).toBe(1);
  });
});

function expectFalling(values: readonly number[]): void {
  expect(values.length).toBe(3);
  expect(values[0]).toBeGreaterThan(values[1]!);
  expect(values[1]).toBeGreaterThan(values[2]!);
}

function mean({ data }: Picture): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}
