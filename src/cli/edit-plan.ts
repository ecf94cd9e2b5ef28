/**
 * What an edit starts from: a picture at the model's size, and where it is drawn anew. Loads sharp:
 * commands import it when they run.
 *
 * Masks are pictures here, white where the picture is drawn anew and black where it stays.
 */
import { keepMasks, type PixelMask } from "../decoding/keep-mask.ts";
import { blankPicture, type Picture } from "../images/picture.ts";
import { readPicture } from "../images/read.ts";
import { readMask } from "../images/read-mask.ts";
import { extendPicture, resizePicture } from "../images/resize.ts";
import type { PictureTokenizer } from "../systems/picture-tokenizer.ts";
import { type Length, type LengthRect, type PixelRect, pixelRect, pixelsOf } from "./lengths.ts";
import type { Size } from "./schemas.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** Where to draw anew; exactly one of them. */
export interface EditArea {
  readonly mask?: string | undefined;
  readonly maskRect?: LengthRect | undefined;
  readonly outpaint?: Length | undefined;
}

export interface EditPlan {
  readonly picture: Picture;
  readonly mask: PixelMask;
}

/**
 * @throws UsageError if nothing, or less than a token, would be drawn anew; DataError for files
 * that are no pictures.
 */
export async function planEdit(
  file: string,
  area: EditArea,
  tokenizer: PictureTokenizer,
  terminal: Terminal,
): Promise<EditPlan> {
  const original = await readPicture(file);
  const { size } = tokenizer;
  if (area.outpaint) {
    const border = borderOf(area.outpaint, size);
    const inner = { width: size.width - 2 * border, height: size.height - 2 * border };
    noteResizing(file, original, inner, terminal);
    const picture = await extendPicture(await resizePicture(original, inner), border);
    return { picture, mask: keepMask(marked(size, insideBorder(size, border), "outside")) };
  }
  noteResizing(file, original, size, terminal);
  const marks = area.mask
    ? await resizePicture(await readMask(area.mask), original, "fill")
    : marked(original, pixelRect(area.maskRect!, original));
  // the mask is cropped as its picture is
  const mask = keepMask(await resizePicture(marks, size));
  requireMarks(mask, tokenizer, area.mask ?? "--mask-rect");
  return { picture: await resizePicture(original, size), mask };
}

/** @throws UsageError if the border leaves nothing inside. */
function borderOf(length: Length, { width, height }: Size): number {
  const border = pixelsOf(length, Math.min(width, height));
  const most = Math.ceil(Math.min(width, height) / 2) - 1;
  if (border >= 1 && border <= most) return border;
  const expected = `a border of 1 to ${most} pixels of ${width}x${height}`;
  throw new UsageError([`--outpaint: expected ${expected}, got ${border}`], "ordo edit --help");
}

function insideBorder({ width, height }: Size, border: number): PixelRect {
  return { left: border, top: border, right: width - border, bottom: height - border };
}

function noteResizing(file: string, { width, height }: Size, to: Size, terminal: Terminal): void {
  if (width === to.width && height === to.height) return;
  const cropped = width * to.height !== height * to.width ? "cut to its middle and " : "";
  terminal.note(`${file} is ${width}x${height}: ${cropped}resized to ${to.width}x${to.height}`);
}

/** White inside a rectangle, or outside of it. */
function marked(
  { width, height }: Size,
  { left, top, right, bottom }: PixelRect,
  where: "inside" | "outside" = "inside",
): Picture {
  const [inside, outside] = where === "inside" ? [255, 0] : [0, 255];
  const mask = blankPicture(width, height, [outside, outside, outside]);
  for (let y = top; y < bottom; y++) {
    if (right > left) mask.data.fill(inside, (y * width + left) * 3, (y * width + right) * 3);
  }
  return mask;
}

function keepMask({ width, height, data }: Picture): PixelMask {
  return {
    width,
    height,
    keep: Uint8Array.from({ length: width * height }, (_, i) => (data[3 * i]! < 128 ? 1 : 0)),
  };
}

function requireMarks(mask: PixelMask, { size, maps }: PictureTokenizer, where: string): void {
  const finest = keepMasks(mask, maps).at(-1)!;
  if (finest.some((keep) => !keep)) return;
  const pixels = Array.from(mask.keep).filter((keep) => !keep).length;
  const { width, height } = maps.at(-1)!;
  const token = `${size.width / width}x${size.height / height}`;
  throw new UsageError(
    [`${where}: expected marks larger than a token (${token} pixels), got ${pixels} pixels`],
    "White or transparent parts of a mask are drawn anew; `ordo edit --help` has examples.",
  );
}
