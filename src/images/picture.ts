/**
 * Pictures as codecs know them, and their way into and out of graphs.
 *
 * Axes: B batch · H rows · W columns. Bytes 0…255 live only here; graphs see float32 in [-1, 1].
 */

import { ShapeError } from "../errors.ts";

/** An RGB picture: `data` is [H, W, 3], row-major, one byte per channel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Red, green and blue, each 0…255. */
export type Colour = readonly [red: number, green: number, blue: number];

export const white: Colour = [255, 255, 255];

/** Width and height in pixels; one number means a square. */
export type PictureSize = number | { readonly width: number; readonly height: number };

/** A picture of one colour. */
export function blankPicture(width: number, height: number, colour: Colour = white): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = colour[i % 3]!;
  return { width, height, data };
}

/**
 * Pictures as graph input, x / 127.5 − 1.
 *
 * @returns float32 [B, 3, H, W] in [-1, 1].
 * @throws ShapeError if there is no picture or their sizes differ.
 */
export function toPixels(pictures: readonly Picture[]): Float32Array {
  const { width, height } = requireOneSize("toPixels", pictures);
  const area = width * height;
  const pixels = new Float32Array(pictures.length * 3 * area);
  pictures.forEach((picture, b) => {
    writePixels(picture.data, pixels, b * 3 * area);
  });
  return pixels;
}

/** Writes [H, W, 3] bytes as [3, H, W] floats in [-1, 1] from `offset` on. */
export function writePixels(data: Uint8Array, pixels: Float32Array, offset: number): void {
  const area = data.length / 3;
  for (let p = 0; p < area; p++) {
    pixels[offset + p] = data[3 * p]! / 127.5 - 1;
    pixels[offset + area + p] = data[3 * p + 1]! / 127.5 - 1;
    pixels[offset + 2 * area + p] = data[3 * p + 2]! / 127.5 - 1;
  }
}

/**
 * Graph output as pictures: clamped to [-1, 1], rounded to the nearest byte; NaN becomes 0.
 *
 * @param pixels float32 [B, 3, H, W].
 * @throws ShapeError if the length is no multiple of 3·H·W.
 */
export function fromPixels(
  pixels: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
): Picture[] {
  const area = width * height;
  const count = pixels.length / (3 * area);
  if (!Number.isInteger(count)) {
    throw new ShapeError({
      where: "fromPixels",
      expected: `a multiple of 3·${height}·${width} = ${3 * area} values`,
      got: String(pixels.length),
    });
  }
  return Array.from({ length: count }, (_, b) => {
    // a clamped array clamps, rounds and turns NaN into 0 by itself
    const levels = new Uint8ClampedArray(3 * area);
    for (let channel = 0; channel < 3; channel++) {
      const start = (3 * b + channel) * area;
      for (let p = 0; p < area; p++) levels[3 * p + channel] = (pixels[start + p]! + 1) * 127.5;
    }
    const data = new Uint8Array(levels.buffer);
    return { width, height, data };
  });
}

/** The common size of pictures. @throws ShapeError if there is none. */
export function requireOneSize(
  where: string,
  pictures: readonly Picture[],
): { width: number; height: number } {
  const first = pictures[0];
  if (!first) throw new ShapeError({ where, expected: "at least one picture", got: "none" });
  const { width, height } = first;
  const odd = pictures.find((picture) => picture.width !== width || picture.height !== height);
  if (odd) {
    throw new ShapeError({
      where,
      expected: `pictures of one size, ${width}x${height} as the first`,
      got: `${odd.width}x${odd.height} among them`,
    });
  }
  return { width, height };
}
