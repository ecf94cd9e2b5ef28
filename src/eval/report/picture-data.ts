/** Pictures inside a page. */
import type { Picture } from "../../images/picture.ts";
import { resizePicture } from "../../images/resize.ts";
import { encodePicture } from "../../images/write.ts";
import { type Html, html } from "./html.ts";

/** Larger pictures are shown smaller: a page of a hundred must stay a few megabytes. */
const LARGEST_SIDE = 160;

/** A picture with words under it. */
export async function figure(picture: Picture, caption: string, className = ""): Promise<Html> {
  const { width, height } = picture;
  const scale = Math.min(1, LARGEST_SIDE / Math.max(width, height));
  const size = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const shown = await resizePicture(picture, size, "fill");
  const data = (await encodePicture(shown, "png")).toString("base64");
  return html`<figure class="${className}"><img src="data:image/png;base64,${data}" width="${size.width}" height="${size.height}" alt="${caption}" loading="lazy"><figcaption>${caption}</figcaption></figure>`;
}

/** How far two pictures of one size lie apart, byte by byte, times `gain`. */
export function differenceMap(a: Picture, b: Picture, gain: number): Picture {
  const data = Uint8ClampedArray.from(a.data, (byte, i) => gain * Math.abs(byte - b.data[i]!));
  return { width: a.width, height: a.height, data: new Uint8Array(data.buffer) };
}
