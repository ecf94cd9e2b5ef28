import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError, ShapeError } from "../errors.ts";
import { blankPicture, type Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import { type PixelValues, rangeOfValues, type SsimVariant, ssim } from "./ssim.ts";

const variants: readonly SsimVariant[] = [
  "scikit-image",
  "gaussian",
  "torchmetrics",
  "llamagen-compat",
];

describe("ssim", () => {
  it("matches the sheet's value for constant pictures", () => {
    const [a, b] = [grey(100), grey(120)];
    for (const variant of ["scikit-image", "gaussian", "torchmetrics"] as const) {
      expect(ssim(a, b, { range: 255, variant })).toBeCloseTo(0.983610925, 9);
    }
  });

  it("equals its definition, window by window", () => {
    const [a, b] = [noise(1, 17, 14), noise(2, 17, 14)];
    expect(ssim(a, b, { range: 255 })).toBeCloseTo(
      bruteForce(a, b, 255, uniformWindow(7), 49 / 48),
      12,
    );
    expect(ssim(a, b, { range: 255, variant: "gaussian" })).toBeCloseTo(
      bruteForce(a, b, 255, gaussianWindow(), 1),
      12,
    );
    expect(ssim(a, b, { range: 255, variant: "llamagen-compat" })).toBeCloseTo(
      bruteForce(a, b, 510, uniformWindow(7), 49 / 48),
      12,
    );
  });

  it("is 1 for equal pictures, less for others, and symmetric", () => {
    const property = fc.property(fc.integer(), fc.constantFrom(...variants), (seed, variant) => {
      const [a, b] = [noise(seed, 12, 13), noise(seed + 1, 12, 13)];
      const options = { range: 255, variant };
      expect(ssim(a, a, options)).toBeCloseTo(1, 12);
      expect(ssim(a, b, options)).toBeLessThan(1);
      expect(ssim(a, b, options)).toBe(ssim(b, a, options));
    });
    fc.assert(property, { seed: 3, numRuns: 20 });
  });

  it("does not change with the scale of the values", () => {
    const [a, b] = [noise(5, 12, 12), noise(6, 12, 12)];
    const scaled = ({ data, ...size }: Picture): PixelValues => ({
      ...size,
      data: Float64Array.from(data, (value) => value / 255),
    });
    const expected = ssim(a, b, { range: 255 });
    expect(ssim(scaled(a), scaled(b), { range: 1 })).toBeCloseTo(expected, 10);
    // LlamaGen's script: values in [0, 1] with a range of 2
    const inflated = ssim(scaled(a), scaled(b), { range: 1, variant: "llamagen-compat" });
    expect(inflated).toBeCloseTo(ssim(scaled(a), scaled(b), { range: 2 }), 12);
    expect(inflated).toBeGreaterThan(expected);
  });

  it("takes one channel, and averages over several", () => {
    const [a, b] = [noise(7, 9, 9), noise(8, 9, 9)];
    const channel = ({ data, ...size }: Picture, c: number): PixelValues => ({
      ...size,
      data: data.filter((_, i) => i % 3 === c),
    });
    const single = [0, 1, 2].map((c) => ssim(channel(a, c), channel(b, c), { range: 255 }));
    const mean = single.reduce((sum, value) => sum + value, 0) / 3;
    expect(ssim(a, b, { range: 255 })).toBeCloseTo(mean, 12);
  });

  it("finds the range that torchmetrics would take", () => {
    expect(rangeOfValues([0.2, 0.5], [0.1, 0.7])).toBeCloseTo(0.6, 12);
  });

  it("refuses other sizes, sides smaller than the window, and no range", () => {
    expect(() => ssim(grey(1), blankPicture(20, 21), { range: 255 })).toThrow(ShapeError);
    const small = blankPicture(10, 20);
    expect(ssim(small, small, { range: 255 })).toBe(1);
    expect(() =>
      ssim(small, small, { range: 255, variant: "gaussian" }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[ShapeError: ssim: expected whole pixels, and 11 or more a side, got 10x20 with 600 values]`,
    );
    expect(() => ssim(small, small, { range: 0 })).toThrow(ConfigError);
  });
});

function grey(level: number): Picture {
  return blankPicture(20, 20, [level, level, level]);
}

function noise(seed: number, width: number, height: number): Picture {
  const draws = random(seed, "ssim");
  const data = Uint8Array.from({ length: width * height * 3 }, () => draws.integer(256));
  return { width, height, data };
}

function uniformWindow(side: number): number[][] {
  return Array.from({ length: side }, () => new Array<number>(side).fill(1 / side ** 2));
}

function gaussianWindow(): number[][] {
  const at = (i: number, j: number) => Math.exp(-((i - 5) ** 2 + (j - 5) ** 2) / (2 * 1.5 ** 2));
  const indices = Array.from({ length: 11 }, (_, i) => i);
  const raw = indices.map((i) => indices.map((j) => at(i, j)));
  const total = raw.flat().reduce((sum, value) => sum + value, 0);
  return raw.map((row) => row.map((value) => value / total));
}

/** Two passes over every window: means first, then products of differences. */
function bruteForce(
  a: Picture,
  b: Picture,
  range: number,
  window: number[][],
  norm: number,
): number {
  const side = window.length;
  const [c1, c2] = [(0.01 * range) ** 2, (0.03 * range) ** 2];
  const found: number[] = [];
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y + side <= a.height; y++) {
      for (let x = 0; x + side <= a.width; x++) {
        const mean = (term: (at: number) => number) => {
          let sum = 0;
          for (const [dy, row] of window.entries()) {
            for (const [dx, weight] of row.entries()) {
              sum += weight * term(((y + dy) * a.width + x + dx) * 3 + c);
            }
          }
          return sum;
        };
        const [ux, uy] = [mean((at) => a.data[at]!), mean((at) => b.data[at]!)];
        const vx = norm * mean((at) => (a.data[at]! - ux) ** 2);
        const vy = norm * mean((at) => (b.data[at]! - uy) ** 2);
        const vxy = norm * mean((at) => (a.data[at]! - ux) * (b.data[at]! - uy));
        found.push(
          ((2 * ux * uy + c1) * (2 * vxy + c2)) / ((ux ** 2 + uy ** 2 + c1) * (vx + vy + c2)),
        );
      }
    }
  }
  return found.reduce((sum, value) => sum + value, 0) / found.length;
}
