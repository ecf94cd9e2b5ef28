/** Recipes put into pictures: PNG text chunks, or EXIF and XMP for the other formats. */

import type { Sharp } from "sharp";
import { DataError } from "../errors.ts";
import { parametersText } from "./parameters-text.ts";
import { keywordOf, readChunks, textChunk, writeChunks } from "./png-chunks.ts";
import { type Recipe, recipeJson } from "./recipe.ts";
import { xmpKeyword, xmpPacket } from "./xmp.ts";

// one segment of a JPEG holds 65 533 bytes with its name
const maximumXmpBytes = 65_000;

/**
 * A PNG with its recipe in `parameters` (for other programs), `ordo` (JSON, complete) and XMP (the
 * mark that a model made it). Replaces an earlier recipe; pixels are untouched.
 *
 * @throws DataError if the bytes are no whole PNG.
 */
export function embedRecipe(png: Uint8Array, recipe: Recipe): Buffer {
  const ours = new Set(["parameters", "ordo", xmpKeyword]);
  const [header, ...rest] = readChunks(png).filter((chunk) => !ours.has(keywordOf(chunk) ?? ""));
  return writeChunks([
    header!,
    textChunk("parameters", parametersText(recipe)),
    textChunk("ordo", recipeJson(recipe)),
    textChunk(xmpKeyword, xmpPacket(recipe), "iTXt"),
    ...rest,
  ]);
}

/**
 * JPEG or WebP output that carries its recipe: EXIF UserComment for other programs, XMP in full.
 *
 * @throws DataError if the recipe is too long for these formats.
 */
export function attachRecipe(image: Sharp, recipe: Recipe): Sharp {
  const packet = xmpPacket(recipe);
  const bytes = Buffer.byteLength(packet);
  if (bytes > maximumXmpBytes) {
    throw new DataError({
      where: "recipe",
      expected: `at most ${maximumXmpBytes} bytes in a JPEG or WebP`,
      got: `${bytes}`,
      hint: "Write a PNG, or shorten the prompt",
    });
  }
  // libvips writes the comment as ASCII; characters beyond it are whole only in the XMP
  return image.withExif({ IFD2: { UserComment: parametersText(recipe) } }).withXmp(packet);
}
