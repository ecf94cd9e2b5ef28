/** JPEG and WebP, at a quality or at the bits of a tokenizer. */
import { DataError } from "../errors.ts";
import type { Picture } from "../images/picture.ts";
import { readPicture } from "../images/read.ts";
import { encodePicture } from "../images/write.ts";
import type { PictureCodec, PictureSides } from "./codec.ts";

export type LossyFormat = "jpeg" | "webp";

/** A codec at one quality, 1 to 100; its bits are those of the whole file. */
export function lossy(format: LossyFormat, quality: number): PictureCodec {
  return {
    name: `${format}-${quality}`,
    kind: "codec",
    about: `${words[format]}, quality ${quality}`,
    nativeSize: null,
    rebuild: async (picture) => decoded(await encodePicture(picture, format, { quality })),
  };
}

/** What equal bits are measured against. */
export interface BitBudget {
  readonly name: string;
  /** Bits for a picture of a size. */
  bitsFor(size: PictureSides): number;
}

/**
 * A codec at the best quality that takes no more bits for a picture than a tokenizer does.
 *
 * `rebuild` throws a DataError where even the lowest quality takes more.
 */
export function lossyAtBits(format: LossyFormat, budget: BitBudget): PictureCodec {
  return {
    name: `${format}@${budget.name}`,
    kind: "codec",
    about: `${words[format]}, for each picture the best quality within the bits of ${budget.name}`,
    nativeSize: null,
    rebuild: async (picture) => {
      const bits = budget.bitsFor(picture);
      return decoded(await bestWithin(format, picture, bits));
    },
  };
}

const words: Readonly<Record<LossyFormat, string>> = {
  jpeg: "JPEG, 4:4:4",
  webp: "WebP",
};

/** Files grow with the quality, so halving the range finds the largest that fits. */
async function bestWithin(format: LossyFormat, picture: Picture, bits: number): Promise<Buffer> {
  const encode = (quality: number) => encodePicture(picture, format, { quality });
  let [low, high] = [1, 100];
  let best = await encode(low);
  if (8 * best.length > bits) {
    throw new DataError({
      where: `${format}: ${picture.width}x${picture.height}`,
      expected: `a file of at most ${Math.floor(bits / 8)} bytes`,
      got: `${best.length} at the lowest quality`,
    });
  }
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const file = await encode(middle);
    if (8 * file.length <= bits) [low, best] = [middle, file];
    else high = middle - 1;
  }
  return best;
}

async function decoded(file: Buffer) {
  return { picture: await readPicture(file), bits: 8 * file.length };
}
