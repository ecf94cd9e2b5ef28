import { ShapeError } from "../errors.ts";
import { shapeText } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";

/** @throws ShapeError if pixels [B, 3, H, W] are too small to be halved so many times. */
export function requireHalves(where: string, pixels: Tensor, times: number): void {
  const [, , height, width] = pixels.shape as [number, number, number, number];
  const least = 2 ** times;
  if (Math.min(height, width) >= least) return;
  const expected = `pictures of at least ${least}x${least}`;
  throw new ShapeError({ where, expected, got: shapeText(pixels.shape) });
}
