/** Anchors: what no loss, and what a plain loss of resolution, come to. */
import sharp from "sharp";
import type { Picture } from "../images/picture.ts";
import { type PictureCodec, type PictureSides, rawBits } from "./codec.ts";

export const identity: PictureCodec = {
  name: "identity",
  kind: "anchor",
  about: "the picture itself, as bytes",
  nativeSize: null,
  rebuild: async (picture) => ({ picture, bits: rawBits(picture) }),
};

/** Down by a factor and up again (Catmull-Rom, smoothed on the way down); counts the small picture's bytes. */
export function bicubic(factor: number): PictureCodec {
  return {
    name: `bicubic-${factor}`,
    kind: "anchor",
    about: `1/${factor} of the width and height, bicubic`,
    nativeSize: null,
    rebuild: async (picture) => {
      const small = {
        width: Math.max(1, Math.round(picture.width / factor)),
        height: Math.max(1, Math.round(picture.height / factor)),
      };
      const reduced = await resample(picture, small);
      return { picture: await resample(reduced, picture), bits: rawBits(small) };
    },
  };
}

async function resample({ width, height, data }: Picture, size: PictureSides): Promise<Picture> {
  const resized = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize({ width: size.width, height: size.height, fit: "fill", kernel: "cubic" })
    .raw()
    .toBuffer();
  return { width: size.width, height: size.height, data: new Uint8Array(resized) };
}
