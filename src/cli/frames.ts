/** How a picture came about, coarse to fine: a strip to look at and an animation. */
import { enlarge, strip } from "../images/grid.ts";
import type { Picture } from "../images/picture.ts";
import type { Recipe } from "../images/recipe.ts";
import { writeAnimation, writePicture } from "../images/write.ts";

const STRIP_PIXELS = 128;
const ANIMATION_PIXELS = 256;
const STEP_MS = 350;
const LAST_MS = 1800;

/** Strip and animation beside a picture: `rocket-7.png` has `rocket-7-frames.png` and `.webp`. */
export function framePaths(file: string): [strip: string, animation: string] {
  const stem = file.replace(/\.[^.\\/]*$/, "");
  return [`${stem}-frames.png`, `${stem}-frames.webp`];
}

/** Writes the pictures of all steps, enlarged by whole factors so that every pixel shows. */
export async function writeFrames(
  file: string,
  pictures: readonly Picture[],
  options: { readonly recipe?: Recipe },
): Promise<string[]> {
  const [stripPath, animationPath] = framePaths(file);
  await writePicture(strip(enlarged(pictures, STRIP_PIXELS)), stripPath, options);
  const delayMs = pictures.map((_, i) => (i === pictures.length - 1 ? LAST_MS : STEP_MS));
  const frames = enlarged(pictures, ANIMATION_PIXELS);
  await writeAnimation(frames, animationPath, { ...options, delayMs });
  return [stripPath, animationPath];
}

/** Pictures that are already as large stay as they are. */
function enlarged(pictures: readonly Picture[], pixels: number): Picture[] {
  return pictures.map((picture) =>
    enlarge(picture, Math.max(1, Math.floor(pixels / picture.width))),
  );
}
