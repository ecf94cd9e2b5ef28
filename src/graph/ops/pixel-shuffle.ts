/** Folding squares of pixels into channels and back. */
import type { Tensor } from "../node.ts";
import { reshape, transpose } from "./layout.ts";

type Sizes = [number, number, number, number];

/** [B, C, H, W] → [B, C·f², H / f, W / f]; channel order c, row, column. */
export function spaceToDepth(x: Tensor, factor: number): Tensor {
  if (factor === 1) return x;
  const [batch, channels, height, width] = x.shape as Sizes;
  const [tall, wide] = [height / factor, width / factor];
  const apart = reshape(x, [batch, channels, tall, factor, wide, factor]);
  const folded = transpose(apart, [0, 1, 3, 5, 2, 4]);
  return reshape(folded, [batch, channels * factor ** 2, tall, wide]);
}

/** [B, C·f², H, W] → [B, C, H·f, W·f]: the inverse of `spaceToDepth`. */
export function depthToSpace(x: Tensor, factor: number): Tensor {
  if (factor === 1) return x;
  const [batch, folded, height, width] = x.shape as Sizes;
  const channels = folded / factor ** 2;
  const apart = reshape(x, [batch, channels, factor, factor, height, width]);
  const spread = transpose(apart, [0, 1, 4, 2, 5, 3]);
  return reshape(spread, [batch, channels, height * factor, width * factor]);
}
