import fc from "fast-check";
import { expect, test } from "vitest";
import { ShapeError } from "../errors.ts";
import { squareScales } from "../orders/scale-schedule.ts";
import { keepMasks, type PixelMask } from "./keep-mask.ts";

function pixelMask(size: number, keep: (y: number, x: number) => boolean): PixelMask {
  const values = Uint8Array.from({ length: size * size }, (_, i) =>
    keep(Math.floor(i / size), i % size) ? 1 : 0,
  );
  return { height: size, width: size, keep: values };
}

const masks = (mask: PixelMask, sides: number[]) =>
  keepMasks(mask, squareScales(sides)).map((scale) => scale.join(""));

test("the left half stays at every scale", () => {
  const left = pixelMask(32, (_, x) => x < 16);
  expect(masks(left, [1, 2, 4])).toEqual(["1", "1010", "1100110011001100"]);
});

test("rows and columns are not confused", () => {
  const top = pixelMask(32, (y) => y < 16);
  expect(masks(top, [2])).toEqual(["1100"]);
  const wide = { height: 2, width: 4, keep: [1, 1, 1, 0, 0, 0, 0, 0] };
  expect(keepMasks(wide, [{ height: 2, width: 4 }])[0]!.join("")).toBe("11100000");
});

test("the single token of the first scale stays even if no pixel does", () => {
  expect(
    masks(
      pixelMask(16, () => false),
      [1, 2],
    ),
  ).toEqual(["1", "0000"]);
});

test("exactly one half is not kept", () => {
  // three tokens over six pixels: the middle one looks at pixels 2 and 3 in equal parts
  const left = pixelMask(6, (_, x) => x < 3);
  expect(masks(left, [3])).toEqual(["100100100"]);
});

test("a coarse token looks at the pixels around its centre, not at its whole area", () => {
  const dots = pixelMask(8, (y, x) => (y === 1 || y === 2) && (x === 1 || x === 2));
  expect(masks(dots, [2])).toEqual(["1000"]);
});

test("a mask of all pixels keeps every token, and of the latent's own size keeps itself", () => {
  const pixel = fc.boolean();
  const property = fc.property(fc.array(pixel, { minLength: 64, maxLength: 64 }), (pixels) => {
    const mask = pixelMask(8, (y, x) => pixels[8 * y + x]!);
    expect(masks(mask, [8])).toEqual([pixels.map(Number).join("")]);
  });
  fc.assert(property, { seed: 11, numRuns: 30 });
  const all = pixelMask(64, () => true);
  for (const scale of masks(all, [1, 2, 3, 5, 6, 13])) expect(scale).not.toContain("0");
});

test("keeping more pixels never keeps fewer tokens", () => {
  const mask = fc.array(fc.nat(3), { minLength: 144, maxLength: 144 });
  const property = fc.property(mask, (levels) => {
    const at = (least: number) =>
      keepMasks(
        pixelMask(12, (y, x) => levels[12 * y + x]! >= least),
        squareScales([1, 2, 3, 5]),
      );
    const [more, fewer] = [at(1), at(2)];
    for (const [k, scale] of fewer.entries()) {
      for (const [i, kept] of scale.entries()) expect(more[k]![i]).toBeGreaterThanOrEqual(kept);
    }
  });
  fc.assert(property, { seed: 12, numRuns: 30 });
});

test("a mask of another size is refused", () => {
  const broken = { height: 4, width: 4, keep: [1, 0] };
  expect(() => keepMasks(broken, squareScales([1, 2]))).toThrow(ShapeError);
});
