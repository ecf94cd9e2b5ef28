/** Coverage of pixels by pen strokes, with smooth edges. */
import type { Picture } from "../images/picture.ts";
import type { Stroke } from "./strokes.ts";

/** How much of each pixel is covered, 0…1: [H, W] row-major. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Where strokes come to lie: (x, y) + scale · R(angle) · point. */
export interface Placement {
  readonly x: number;
  readonly y: number;
  /** Pixels per unit. */
  readonly scale: number;
  /** Clockwise, in radians. */
  readonly angle?: number;
}

export function emptyMask(width: number, height: number): Mask {
  return { width, height, data: new Float32Array(width * height) };
}

/**
 * Draws with a round pen. Where strokes overlap the larger coverage counts; a pen finer than a pixel
 * leaves a line of one pixel that is as much fainter.
 *
 * @param pen its width in pixels.
 */
export function drawStrokes(
  mask: Mask,
  strokes: readonly Stroke[],
  { x, y, scale, angle = 0 }: Placement,
  pen: number,
): void {
  const [cos, sin] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  for (const stroke of strokes) {
    const points = Array.from(stroke, (value, i) => {
      const other = stroke[i ^ 1]!;
      return i % 2 === 0 ? x + cos * value - sin * other : y + cos * value + sin * other;
    });
    // a single point is a dot
    if (points.length === 2) drawSegment(mask, [...points, ...points], pen);
    for (let i = 0; i + 3 < points.length; i += 2) drawSegment(mask, points.slice(i, i + 4), pen);
  }
}

function drawSegment(mask: Mask, ends: readonly number[], pen: number): void {
  const [x0, y0, x1, y1] = ends as [number, number, number, number];
  const reach = Math.max(pen, 1) / 2 + 0.5;
  const strength = Math.min(1, pen);
  const [dx, dy] = [x1 - x0, y1 - y0];
  const lengthSquared = dx * dx + dy * dy;
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(mask.width - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(mask.height - 1, Math.ceil(Math.max(y0, y1) + reach));
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      // pixel centres
      const [px, py] = [column + 0.5 - x0, row + 0.5 - y0];
      const along = lengthSquared === 0 ? 0 : (px * dx + py * dy) / lengthSquared;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(px - t * dx, py - t * dy);
      const coverage = strength * Math.min(1, Math.max(0, reach - distance));
      const at = row * mask.width + column;
      if (coverage > mask.data[at]!) mask.data[at] = coverage;
    }
  }
}

/** Red, green and blue at a pixel, each 0…255. */
export type Paint = (x: number, y: number) => readonly [number, number, number];

/** A picture of a paint alone. */
export function paintPicture(width: number, height: number, paint: Paint): Picture {
  const data = new Uint8ClampedArray(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const colour = paint(at % width, Math.floor(at / width));
    for (let c = 0; c < 3; c++) data[3 * at + c] = colour[c]!;
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

/** A picture with paint laid over it as far as the mask covers. */
export function paintOver({ width, height, data }: Picture, mask: Mask, paint: Paint): Picture {
  const mixed = Uint8ClampedArray.from(data);
  for (let at = 0; at < width * height; at++) {
    const cover = mask.data[at]!;
    if (cover === 0) continue;
    const over = paint(at % width, Math.floor(at / width));
    for (let c = 0; c < 3; c++) {
      mixed[3 * at + c] = data[3 * at + c]! + cover * (over[c]! - data[3 * at + c]!);
    }
  }
  return { width, height, data: new Uint8Array(mixed.buffer) };
}
