/** CLIP on a device, from the folder of its weights and its vocabulary. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileHash } from "../checkpoints/file-hash.ts";
import { CheckpointError } from "../errors.ts";
import { type Picture, toPixels } from "../images/picture.ts";
import { featuresOf } from "../metrics/features.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";
import { type ClipGraph, traceClipImages, traceClipTexts } from "./clip.ts";
import { defaultClipConfig, readClipConfig } from "./clip-config.ts";
import { clipPicture, clipPreprocessing } from "./clip-pictures.ts";
import { type ClipSizes, clipPreset } from "./clip-sizes.ts";
import { type ClipTokens, readClipTokens } from "./clip-tokens.ts";
import { type ClipWeights, openClipWeights } from "./clip-weights.ts";
import type { TextImageNetwork } from "./text-image-network.ts";

/** Pictures in the graph at once: attention of ViT-L/14 takes 4 MB for each. */
const BATCH = 16;

export const CLIP_FILES = "model.safetensors, vocab.json and merges.txt";

interface ClipFiles {
  readonly weights: string;
  readonly vocabulary: string;
  readonly merges: string;
}

/**
 * The files of a folder, or those that are missing: the vocabulary's two, and as weights
 * `model.safetensors`, `pytorch_model.bin`, or the only other checkpoint.
 */
export async function clipFiles(folder: string): Promise<ClipFiles | { missing: string[] }> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const others = names.filter((name) => /\.(safetensors|bin|pt|pth)$/i.test(name));
  const weights =
    ["model.safetensors", "pytorch_model.bin"].find((name) => names.includes(name)) ??
    (others.length === 1 ? others[0]! : "model.safetensors");
  const missing = [weights, "vocab.json", "merges.txt"].filter((name) => !names.includes(name));
  if (missing.length > 0) return { missing };
  return {
    weights: join(folder, weights),
    vocabulary: join(folder, "vocab.json"),
    merges: join(folder, "merges.txt"),
  };
}

/**
 * Opens the network; the caller closes it.
 *
 * @throws CheckpointError listing every tensor that is missing, surplus or of another shape, or what is
 * wrong with the vocabulary.
 */
export async function openClip(
  device: Device,
  folder: string,
  files: ClipFiles,
): Promise<TextImageNetwork> {
  const tokens = await readClipTokens(files.vocabulary, files.merges);
  const config = join(folder, "config.json");
  const weights = await openClipWeights(
    files.weights,
    existsSync(config) ? await readClipConfig(config) : defaultClipConfig,
  );
  try {
    const { sizes } = weights;
    requireRows(files.vocabulary, tokens, sizes);
    const hash = (await fileHash(files.weights))!.slice(0, 8);
    const name = `clip-${clipPreset(sizes)}-${hash}`;
    const images = await compileTower(device, `${name}-images`, weights, traceClipImages(sizes));
    const texts = await compileTower(device, `${name}-texts`, weights, traceClipTexts(sizes));
    return clipNetwork(name, sizes, tokens, { images, texts });
  } finally {
    await weights.close();
  }
}

/** One tower at a time, so that memory holds the weights of one beside the engine's copy. */
async function compileTower(
  device: Device,
  name: string,
  weights: ClipWeights,
  { scope, embedding }: ClipGraph,
): Promise<CompiledFunction> {
  const constants = await weights.read(scope.specs);
  return compile(device, name, { embedding }, { constants });
}

interface Towers {
  readonly images: CompiledFunction;
  readonly texts: CompiledFunction;
}

function clipNetwork(
  name: string,
  { dimensions, image: { side }, text: { longest } }: ClipSizes,
  tokens: ClipTokens,
  towers: Towers,
): TextImageNetwork {
  return {
    name,
    preprocessing: `${clipPreprocessing(side)}; texts in lower case, at most ${longest} ids`,
    images: async (pictures) => {
      const values = new Float32Array(pictures.length * dimensions);
      for (let start = 0; start < pictures.length; start += BATCH) {
        const some = pictures.slice(start, start + BATCH);
        const data = toPixels(some.map((picture: Picture) => clipPicture(picture, side)));
        const { embedding } = await towers.images.run({
          pixels: { data, dims: [some.length, 3, side, side] },
        });
        values.set(embedding!.data as Float32Array, start * dimensions);
      }
      return featuresOf(values, dimensions);
    },
    texts: async (texts) => {
      const values = new Float32Array(texts.length * dimensions);
      for (const [i, text] of texts.entries()) {
        const ids = tokens.encode(text, longest);
        const { embedding } = await towers.texts.run({
          ids: { data: ids, dims: [1, ids.length] },
          places: { data: Int32Array.from(ids.keys()), dims: [ids.length] },
          end: Int32Array.of(ids.length - 1),
        });
        values.set(embedding!.data as Float32Array, i * dimensions);
      }
      return featuresOf(values, dimensions);
    },
    close: async () => {
      await towers.images.release();
      await towers.texts.release();
    },
  };
}

function requireRows(where: string, { size }: ClipTokens, { text }: ClipSizes): void {
  if (size <= text.vocabulary) return;
  throw new CheckpointError({
    where,
    expected: `ids below ${text.vocabulary}, as many as the weights have rows`,
    got: `one of ${size - 1}`,
    hint: "Vocabulary and weights are of different models",
  });
}
