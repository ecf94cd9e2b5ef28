import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { noisePicture } from "../../test/data/fixtures.ts";
import { blankPicture, fromPixels, toPixels } from "../images/index.ts";
import { type Random, random } from "../random/random.ts";
import { augment, augmentAt } from "./augment.ts";

const size = 8;
const noise = toPixels([noisePicture(1, size)]);

/** Draws that are given: shift right, shift down, scale, flip, hue, brightness, each in [0, 1). */
function fixed(...draws: number[]): Random {
  return { ...random(0), uniform: () => draws.shift()! };
}
const middle = 0.5;

describe("augment", () => {
  it("changes nothing when every change is off", () => {
    const result = augment(noise, size, {}, random(1));
    expect(result).toEqual(noise);
    expect(result).not.toBe(noise);
  });

  it("repeats itself for the same stream and leaves its input alone", () => {
    const options = { shift: 0.2, scale: 0.2, flip: 0.5, hue: 30, brightness: 0.1 };
    const before = noise.slice();
    const once = augment(noise, size, options, random(1, "augment", 5, 0));
    expect(augment(noise, size, options, random(1, "augment", 5, 0))).toEqual(once);
    expect(augment(noise, size, options, random(1, "augment", 6, 0))).not.toEqual(once);
    expect(noise).toEqual(before);
  });

  it("stays in [-1, 1] and keeps white white without brightness", () => {
    const change = fc.record({
      shift: fc.double({ min: 0, max: 1, noNaN: true }),
      scale: fc.double({ min: 0, max: 1, noNaN: true }),
      flip: fc.double({ min: 0, max: 1, noNaN: true }),
      hue: fc.double({ min: 0, max: 180, noNaN: true }),
    });
    const plain = toPixels([blankPicture(size, size)]);
    fc.assert(
      fc.property(change, fc.nat(), (options, seed) => {
        const wild = augment(noise, size, { ...options, brightness: 0.5 }, random(seed));
        expect(wild.every((x) => x >= -1 && x <= 1)).toBe(true);
        const still = augment(plain, size, options, random(seed));
        expect(still.every((x) => Math.abs(x - 1) < 1e-6)).toBe(true);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("mirrors exactly", () => {
    const mirrored = augment(noise, size, { flip: 1 }, random(3));
    for (let i = 0; i < noise.length; i++) {
      const x = i % size;
      expect(mirrored[i]).toBe(noise[i - x + size - 1 - x]);
    }
  });

  it("shifts by whole pixels exactly and fills with the colour given", () => {
    // (2·0.75 − 1)·0.5·8 = 2 pixels right, (2·0.25 − 1)·0.5·8 = 2 up
    const draws = fixed(0.75, 0.25, middle, middle, middle, middle);
    const moved = augment(noise, size, { shift: 0.5, fill: [0, 255, 0] }, draws);
    for (let channel = 0; channel < 3; channel++) {
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const inside = x - 2 >= 0 && y + 2 < size;
          const fill = channel === 1 ? 1 : -1;
          const from = noise[(channel * size + y + 2) * size + x - 2]!;
          const got = moved[(channel * size + y) * size + x]!;
          expect(got).toBeCloseTo(inside ? from : fill, 6);
        }
      }
    }
  });

  it("moves by whole pixels where the size stays, so that no colour is new", () => {
    for (let seed = 0; seed < 20; seed++) {
      const moved = augment(noise, size, { shift: 0.4, flip: 0.5 }, random(seed));
      const known = new Set([...noise, 1]);
      expect(moved.every((x) => known.has(x))).toBe(true);
    }
  });

  it("shrinks and enlarges about the middle", () => {
    const black = toPixels([blankPicture(size, size, [0, 0, 0])]);
    const smaller = augment(black, size, { scale: 1 }, fixed(middle, middle, 0, 1, middle, middle));
    const darkRows = (pixels: Float32Array) =>
      Array.from({ length: size }, (_, y) => pixels[y * size + size / 2]! < 0);
    expect(darkRows(smaller)).toEqual([false, false, true, true, true, true, false, false]);
    const almostOne = 1 - 2 ** -32;
    const larger = augment(
      black,
      size,
      { scale: 1 },
      fixed(middle, middle, almostOne, 1, middle, middle),
    );
    expect(larger.every((x) => x === -1)).toBe(true);
  });

  it("turns hues at constant luminance: red goes towards green", () => {
    const red = toPixels([blankPicture(1, 1, [120, 90, 90])]);
    const almostOne = 1 - 2 ** -32;
    const turned = augment(
      red,
      1,
      { hue: 90 },
      fixed(middle, middle, middle, 1, almostOne, middle),
    );
    const luminance = (p: Float32Array) => 0.213 * p[0]! + 0.715 * p[1]! + 0.072 * p[2]!;
    expect(luminance(turned)).toBeCloseTo(luminance(red), 3);
    expect(turned[1]! > turned[0]!).toBe(true);
  });

  it("brightens in the range of light: black stays black", () => {
    const grey = toPixels([blankPicture(1, 1, [100, 100, 0])]);
    const draws = fixed(middle, middle, middle, 1, middle, 0.75);
    const [picture] = fromPixels(augment(grey, 1, { brightness: 0.4 }, draws), {
      width: 1,
      height: 1,
    });
    expect([...picture!.data]).toEqual([120, 120, 0]);
  });

  it("leaves the other changes as they are when one is switched off", () => {
    const all = { shift: 0.3, scale: 0.3, hue: 0 };
    const flipped = augment(noise, size, { ...all, flip: 1 }, random(9));
    const again = augment(flipped, size, { flip: 1 }, random(0));
    expect(again.length).toBe(flipped.length);
    const hueOff = augment(noise, size, all, random(9));
    const hueTiny = augment(noise, size, { ...all, hue: 1e-9 }, random(9));
    hueOff.forEach((x, i) => {
      expect(hueTiny[i]).toBeCloseTo(x, 5);
    });
  });
});

describe("augmentAt", () => {
  const at = { seed: 1, step: 3, place: 2, epoch: 0, index: 5 };
  const mirrored = augment(noise, size, { flip: 1 }, random(0));
  const isMirrored = (epoch: number, index: number) => {
    const changed = augmentAt({ ...at, epoch, index }, noise, size, { flip: "alternate" });
    expect([noise, mirrored]).toContainEqual(changed);
    return changed.every((x, i) => x === mirrored[i]);
  };

  it("draws from the step and the place in the batch", () => {
    const options = { shift: 0.2, flip: 0.5 };
    const expected = augment(noise, size, options, random(1, "augment", 3, 2));
    expect(augmentAt(at, noise, size, options)).toEqual(expected);
    expect(augmentAt({ ...at, epoch: 1, index: 6 }, noise, size, options)).toEqual(expected);
  });

  it("mirrors every picture in each second epoch, half of them in the even ones", () => {
    const indices = Array.from({ length: 200 }, (_, i) => i);
    const [first, second, third] = [0, 1, 2].map((epoch) =>
      indices.map((index) => isMirrored(epoch, index)),
    );
    expect(second).toEqual(first!.map((was) => !was));
    expect(third).toEqual(first);
    const share = first!.filter((was) => was).length / indices.length;
    expect(Math.abs(share - 0.5)).toBeLessThan(0.1);
  });
});
