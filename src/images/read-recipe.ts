/** Recipes found in pictures, whichever program wrote them. */

import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { exifTexts } from "./exif.ts";
import { fromComfyUi, fromInvokeAi, parseObject } from "./foreign-recipes.ts";
import { type CommonSettings, parametersText, parseParametersText } from "./parameters-text.ts";
import { isPng, readChunks, textsOf } from "./png-chunks.ts";
import { pictureError } from "./read.ts";
import { parseRecipeJson, type Recipe } from "./recipe.ts";
import { readXmp, xmpKeyword } from "./xmp.ts";

export interface FoundRecipe {
  readonly writer: "ordo" | "a1111" | "comfyui" | "invokeai" | "unknown";
  /** The whole recipe, if Ordo wrote it. */
  readonly recipe?: Recipe;
  /** What programs have in common. */
  readonly settings: CommonSettings;
  /** Settings without a common name, as written. */
  readonly other: Readonly<Record<string, string>>;
  /** IPTC digital source type, such as `trainedAlgorithmicMedia`. */
  readonly sourceType?: string;
  /** Every text in the file, as written. */
  readonly texts: Readonly<Record<string, string>>;
}

/**
 * Reads the recipe of a picture written by Ordo, AUTOMATIC1111, ComfyUI or InvokeAI; texts of other
 * programs are given as they are.
 *
 * @returns null if the picture carries no text at all.
 * @throws DataError if the bytes are no picture, or a damaged PNG.
 */
export async function readRecipe(bytes: Uint8Array, name = "picture"): Promise<FoundRecipe | null> {
  const texts = isPng(bytes)
    ? Object.fromEntries(textsOf(readChunks(bytes, name)))
    : await embeddedTexts(bytes, name);
  const xmp = readXmp(texts[xmpKeyword] ?? "");
  if (Object.keys(texts).length === 0) return null;
  const sourceType = xmp.sourceType === undefined ? {} : { sourceType: xmp.sourceType };
  return { ...understand(texts, xmp.recipe), ...sourceType, texts };
}

/** `readRecipe` of a file. */
export async function readRecipeFile(path: string): Promise<FoundRecipe | null> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw pictureError(path, new Uint8Array(), error);
  });
  return readRecipe(bytes, path);
}

async function embeddedTexts(bytes: Uint8Array, name: string): Promise<Record<string, string>> {
  const metadata = await sharp(bytes)
    .metadata()
    .catch((error: unknown) => {
      throw pictureError(name, bytes, error);
    });
  return {
    ...(metadata.exif ? exifTexts(metadata.exif) : {}),
    ...(metadata.xmpAsString ? { [xmpKeyword]: metadata.xmpAsString } : {}),
  };
}

type Understood = Pick<FoundRecipe, "writer" | "settings" | "other" | "recipe">;

function understand(texts: Readonly<Record<string, string>>, fromXmp?: string): Understood {
  const json = texts.ordo ?? fromXmp;
  const recipe = json === undefined ? null : parseRecipeJson(json);
  if (recipe) {
    const { settings, other } = parseParametersText(parametersText(recipe));
    return { writer: "ordo", recipe, settings, other };
  }
  const invoke = parseObject(texts.invokeai_metadata ?? "");
  if (invoke) return { writer: "invokeai", settings: fromInvokeAi(invoke), other: {} };
  const comfy = comfyTexts(texts);
  if (comfy) return { writer: "comfyui", settings: comfy, other: {} };
  const parameters = texts.parameters ?? texts.UserComment;
  if (parameters !== undefined) {
    const { settings, other } = parseParametersText(parameters);
    if (settings.steps !== undefined) return { writer: "a1111", settings, other };
  }
  return { writer: "unknown", settings: {}, other: {} };
}

/** PNG keeps the graph in `prompt`; WebP and JPEG in any EXIF text as `prompt:{…}`. */
function comfyTexts(texts: Readonly<Record<string, string>>): CommonSettings | null {
  const inExif = Object.values(texts).find((text) => /^prompt:\s*\{/i.test(text));
  const graph = parseObject(texts.prompt ?? inExif?.slice("prompt:".length) ?? "");
  return graph && fromComfyUi(graph);
}
