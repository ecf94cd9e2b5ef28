import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import { abstractPage } from "./abstracts.ts";
import { colourOfLuma, luma } from "./colours.ts";
import { devanagari } from "./devanagari.ts";
import { han } from "./han.ts";
import { hangul } from "./hangul.ts";
import { kana } from "./kana.ts";
import { landscape, variedSize } from "./landscapes.ts";
import { latin } from "./latin.ts";
import { fractalNoise } from "./noise.ts";
import { gratingPeriods, gratingPicture, patternPicture } from "./patterns.ts";
import { poster } from "./posters.ts";
import type { Script } from "./script.ts";
import { scriptPage } from "./script-pages.ts";
import { lineWidth, pointOn, type TextPicture } from "./text-picture.ts";

const scripts: readonly Script[] = [hangul, kana, han, devanagari];

const pictures: Readonly<Record<string, (seed: number, index: number) => Picture>> = {
  poster: (seed, index) => poster(seed, index, 192).picture,
  abstract: (seed, index) => abstractPage(seed, index, 256).picture,
  pattern: (seed, index) => patternPicture(seed, index, 48),
  grating: (seed, index) => gratingPicture(seed, index, 48).picture,
  landscape: (seed, index) => landscape(seed, index, 48, 40),
  ...Object.fromEntries(
    scripts.map((script) => [
      script.name,
      (seed: number, index: number) => scriptPage(script, seed, index, 96).picture,
    ]),
  ),
};

describe.each(Object.entries(pictures))("a %s", (_name, make) => {
  it("follows from seed and index alone, and differs between them", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(1000), (seed, index) => {
        const first = make(seed, index);
        expect(first.data.length).toBe(first.width * first.height * 3);
        expect(Buffer.compare(first.data, make(seed, index).data)).toBe(0);
        expect(spread(first)).toBeGreaterThan(20);
      }),
      { seed: 1, numRuns: 3 },
    );
    expect(Buffer.compare(make(1, 0).data, make(1, 20).data)).not.toBe(0);
    expect(Buffer.compare(make(1, 0).data, make(2, 20).data)).not.toBe(0);
  });
});

describe("text", () => {
  const texts: readonly (readonly [string, (index: number) => TextPicture])[] = [
    ["posters", (index) => poster(3, index)],
    ["abstracts", (index) => abstractPage(3, index)],
    ...scripts.map(
      (script) => [script.name, (index: number) => scriptPage(script, 3, index)] as const,
    ),
  ];

  it.each(texts)("of %s lies inside the picture", (_name, make) => {
    for (let index = 0; index < 4; index++) {
      const { picture, lines, script } = make(index);
      for (const line of lines) {
        const { scale } = line;
        for (const along of [0, lineWidth(line.cells)]) {
          for (const across of [0, Math.min(14, script.bottom) * scale]) {
            const [x, y] = pointOn(line, along, across);
            expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
            expect(x).toBeLessThanOrEqual(picture.width);
            expect(y).toBeLessThanOrEqual(picture.height);
          }
        }
      }
    }
  });

  it("has the sizes, turns and contrasts that the sheet asks for", () => {
    for (let index = 0; index < 6; index++) {
      const { lines, text } = poster(5, index);
      const words = text.split(/\s/).length;
      expect(words).toBeGreaterThanOrEqual(1);
      expect(words).toBeLessThanOrEqual(8);
      for (const { scale, angle, contrast } of lines) {
        expect(20 * scale).toBeGreaterThanOrEqual(24);
        expect(20 * scale).toBeLessThanOrEqual(120);
        expect(Math.abs(angle)).toBeLessThanOrEqual((5 * Math.PI) / 180);
        expect(Math.abs(contrast)).toBeGreaterThan(90);
      }
    }
    const page = abstractPage(5, 0);
    const body = page.text.split(/\s/).length;
    expect(body).toBeGreaterThanOrEqual(120);
    expect(body).toBeLessThanOrEqual(206);
  });

  it("is justified in abstracts", () => {
    const ends = abstractPage(2, 0)
      .lines.slice(1, -1)
      .map(({ x, cells }) => x + lineWidth(cells));
    expect(new Set(ends).size).toBe(1);
  });
});

describe("scripts", () => {
  it.each([latin, ...scripts])("$name: no two signs look alike", ({ glyphs }) => {
    const looks = new Set([...glyphs.values()].map(({ strokes }) => JSON.stringify(strokes)));
    expect(looks.size).toBe(glyphs.size);
  });

  it("compose Hangul at its own code points", () => {
    expect(hangul.glyphs.has("한")).toBe(true);
    expect(hangul.glyphs.size).toBe(14 * 12 * 8);
  });
});

describe("the parts of pictures", () => {
  it("are gratings whose rows repeat after their period", () => {
    for (const [index, period] of gratingPeriods.entries()) {
      const { picture, ...grating } = gratingPicture(1, index, 64);
      expect(grating.period).toBe(period);
      expect(grating.angle).toBeLessThanOrEqual(Math.PI / 2);
      expect(spread(picture)).toBeGreaterThan(100);
    }
  });

  it("are sizes from 192 to 1024 and not longer than three to one", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(1000), (seed, index) => {
        const { width, height } = variedSize(seed, index);
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(192);
        expect(Math.max(width, height)).toBeLessThanOrEqual(1024);
        expect(Math.max(width, height) / Math.min(width, height)).toBeLessThan(3.1);
        expect([width % 8, height % 8]).toEqual([0, 0]);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("are colours of the brightness asked for", () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 255, noNaN: true }), (seed, target) => {
        const colour = colourOfLuma(random(seed), target, 1);
        expect(luma(colour)).toBeCloseTo(target, 6);
        for (const channel of colour) {
          expect(channel).toBeGreaterThanOrEqual(-1e-9);
          expect(channel).toBeLessThanOrEqual(255 + 1e-9);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("are noise in [0, 1] without jumps", () => {
    const noise = fractalNoise(random(1), 4);
    fc.assert(
      fc.property(
        fc.double({ min: -500, max: 500, noNaN: true }),
        fc.double({ min: -500, max: 500, noNaN: true }),
        (x, y) => {
          expect(noise(x, y)).toBeGreaterThanOrEqual(0);
          expect(noise(x, y)).toBeLessThanOrEqual(1);
          expect(Math.abs(noise(x + 1e-6, y) - noise(x, y))).toBeLessThan(1e-4);
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });
});

/** From the darkest to the brightest byte. */
function spread({ data }: Picture): number {
  return (
    data.reduce((most, value) => Math.max(most, value), 0) -
    data.reduce((least, value) => Math.min(least, value), 255)
  );
}
