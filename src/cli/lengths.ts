/** Lengths on a picture, in pixels or in percent of it. */
import type { z } from "zod";
import { reading } from "./schemas.ts";

export interface Length {
  readonly value: number;
  readonly unit: "px" | "%";
}

export interface LengthRect {
  readonly x: Length;
  readonly y: Length;
  readonly width: Length;
  readonly height: Length;
}

/** Whole pixels: the corner is inside, `right` and `bottom` are not. */
export interface PixelRect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** `12` or `10%`. */
export function length(): z.ZodType<Length> {
  return reading("a length in pixels or percent such as 8 or 10%", readLength);
}

/** `x,y,width,height`, each in pixels or percent. */
export function lengthRect(): z.ZodType<LengthRect> {
  return reading("x,y,width,height in pixels or percent such as 25%,25%,50%,50%", (text) => {
    const [x, y, width, height, ...more] = text.split(",").map((part) => readLength(part.trim()));
    if (!x || !y || !width || !height || more.length > 0) return undefined;
    return width.value > 0 && height.value > 0 ? { x, y, width, height } : undefined;
  });
}

/** A length in whole pixels of a side of `side` pixels. */
export function pixelsOf({ value, unit }: Length, side: number): number {
  return Math.round(unit === "%" ? (value / 100) * side : value);
}

/** The part of a rectangle that lies on the picture. */
export function pixelRect(
  { x, y, width, height }: LengthRect,
  size: { readonly width: number; readonly height: number },
): PixelRect {
  const left = pixelsOf(x, size.width);
  const top = pixelsOf(y, size.height);
  return {
    left: Math.min(left, size.width),
    top: Math.min(top, size.height),
    right: Math.min(left + pixelsOf(width, size.width), size.width),
    bottom: Math.min(top + pixelsOf(height, size.height), size.height),
  };
}

function readLength(text: string): Length | undefined {
  const match = /^(\d+(?:\.\d+)?)(%|px)?$/.exec(text);
  if (!match) return undefined;
  return { value: Number(match[1]), unit: match[2] === "%" ? "%" : "px" };
}
