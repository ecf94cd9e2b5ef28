/** Puts the kept pixels of an edited picture back, so that only what was masked changes. */
import type { PixelMask } from "../decoding/keep-mask.ts";
import type { Picture } from "../images/picture.ts";

/** Pixels over which the old picture fades into the new one, inside the kept part. */
const FEATHER = 2;

/** @param drawn and @param original of the same size; the mask may have another. */
export function pasteKept(drawn: Picture, original: Picture, mask: PixelMask): Picture {
  const { width, height } = drawn;
  const data = new Uint8Array(drawn.data);
  const kept = (x: number, y: number): number => {
    const row = Math.min(mask.height - 1, Math.floor((y * mask.height) / height));
    const column = Math.min(mask.width - 1, Math.floor((x * mask.width) / width));
    return mask.keep[row * mask.width + column] ? 1 : 0;
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!kept(x, y)) continue;
      const share = keptAround(kept, x, y, width, height);
      for (let c = 0; c < 3; c++) {
        const i = (y * width + x) * 3 + c;
        data[i] = Math.round(share * original.data[i]! + (1 - share) * data[i]!);
      }
    }
  }
  return { width, height, data };
}

/** The share of kept pixels in the square around one; the outside of the picture counts as kept. */
function keptAround(
  kept: (x: number, y: number) => number,
  x: number,
  y: number,
  width: number,
  height: number,
): number {
  let sum = 0;
  for (let dy = -FEATHER; dy <= FEATHER; dy++) {
    for (let dx = -FEATHER; dx <= FEATHER; dx++) {
      const inside = x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height;
      sum += inside ? kept(x + dx, y + dy) : 1;
    }
  }
  return sum / (2 * FEATHER + 1) ** 2;
}
