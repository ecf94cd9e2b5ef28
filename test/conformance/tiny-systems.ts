/**
 * Every system of the catalogue at a size that runs in milliseconds. A new system adds an entry, or
 * several if its parts come in kinds that work differently.
 */

import type { CaptionFeatures, Request } from "../../src/conditioning/conditioning.ts";
import { buildVocabulary, type Vocabulary } from "../../src/conditioning/vocabulary.ts";
import type { ParameterSpecs } from "../../src/nn/layer.ts";
import { squareScales } from "../../src/orders/scale-schedule.ts";
import { random } from "../../src/random/random.ts";
import { systemNamed } from "../../src/systems/index.ts";
import type { LlamaGenConfig } from "../../src/systems/llamagen-config.ts";
import type { MarConfig } from "../../src/systems/mar-config.ts";
import { modelParameters } from "../../src/systems/model-parameters.ts";
import type {
  Composition,
  NextScaleComposition,
  NextTokenComposition,
} from "../../src/systems/system.ts";
import type { VarConfig } from "../../src/systems/var-config.ts";
import type { ScaleTokenizerOptions } from "../../src/tokenizers/scale-tokenizer.ts";

type Parts = object;

export interface TinySystem {
  readonly name: string;
  /** Name in the catalogue. */
  readonly system: string;
  /** What `config.json` would hold under `parts`. */
  readonly parts: Parts;
  readonly vocabulary?: Vocabulary;
  /** Two requests that mean different things. */
  readonly requests: readonly [Request, Request];
}

/** 16×16 pictures as 30 tokens in four maps. */
export const tinyTokenizer: ScaleTokenizerOptions = {
  channels: 8,
  multipliers: [1, 2],
  encoderBlocks: 1,
  decoderBlocks: 1,
  latentChannels: 4,
  groups: 4,
  patchSize: 2,
  attention: true,
  codebookSize: 32,
  phiSharing: 2,
  scales: squareScales([1, 2, 3, 4]),
};

/** One level, and squares of four pixels folded into channels instead. */
const shallow = { multipliers: [1], patchSize: 4, attention: false };

export const tinyVar: VarConfig = {
  depth: 2,
  width: 32,
  heads: 2,
  sharedModulation: false,
  queryKeyNorm: "l2",
  gainInit: 0.5,
  conditioning: { kind: "classes", classes: 3 },
  tokenizer: tinyTokenizer,
};

/** 8×8 pictures as a grid of 4×4 tokens. */
export const tinyLlamaGen: LlamaGenConfig = {
  depth: 2,
  width: 32,
  heads: 2,
  hidden: 48,
  conditioning: { kind: "classes", classes: 3 },
  tokenizer: {
    kind: "vq",
    channels: 8,
    multipliers: [1, 2],
    encoderBlocks: 1,
    decoderBlocks: 1,
    latentChannels: 8,
    groups: 4,
    patchSize: 1,
    attention: true,
    codebookSize: 32,
    codeChannels: 4,
    grid: { height: 4, width: 4 },
  },
};

/** 16×16 pictures as 16 tokens of 8 numbers, in five steps. */
export const tinyMar: MarConfig = {
  width: 16,
  encoder: { depth: 1, heads: 2 },
  decoder: { depth: 2, heads: 4 },
  classSlots: 3,
  head: { width: 12, depth: 2 },
  steps: 5,
  diffusionSteps: 4,
  conditioning: { kind: "classes", classes: 3 },
  tokenizer: {
    kind: "kl",
    channels: 4,
    multipliers: [1, 2],
    encoderBlocks: 1,
    decoderBlocks: 1,
    latentChannels: 2,
    groups: 2,
    patchSize: 1,
    attention: true,
    height: 8,
    width: 8,
    cellsPerToken: 2,
    latentScale: 0.5,
  },
};

const caption = (seed: number, rows: number): CaptionFeatures => ({
  features: random(seed, "caption").normals(rows * 6),
});

export const tinySystems: readonly TinySystem[] = [
  { name: "var", system: "var", parts: tinyVar, requests: [0, 2] },
  {
    name: "var with shared modulation and plain attention",
    system: "var",
    parts: { ...tinyVar, sharedModulation: true, queryKeyNorm: "none" },
    requests: [1, 0],
  },
  {
    name: "var in one shot",
    system: "var",
    parts: { ...tinyVar, tokenizer: { ...tinyTokenizer, ...shallow, scales: [4] } },
    requests: [0, 2],
  },
  {
    name: "var on words",
    system: "var",
    parts: { ...tinyVar, conditioning: { kind: "words", maxWords: 4 } },
    vocabulary: buildVocabulary(["red apple", "blue boat", "red boat"], { size: 40, pieces: 8 }),
    requests: ["red apple", "blue boat"],
  },
  { name: "llamagen", system: "llamagen", parts: tinyLlamaGen, requests: [0, 2] },
  {
    name: "llamagen on words",
    system: "llamagen",
    parts: { ...tinyLlamaGen, conditioning: { kind: "words", maxWords: 4 } },
    vocabulary: buildVocabulary(["red apple", "blue boat", "red boat"], { size: 40, pieces: 8 }),
    requests: ["red apple", "blue boat"],
  },
  {
    name: "llamagen on captions",
    system: "llamagen",
    parts: { ...tinyLlamaGen, conditioning: { kind: "captions", length: 5, channels: 6 } },
    // padded on the left, and as long as there is room
    requests: [caption(1, 3), caption(2, 5)],
  },
  { name: "mar", system: "mar", parts: tinyMar, requests: [0, 2] },
  {
    name: "mar on words",
    system: "mar",
    parts: { ...tinyMar, conditioning: { kind: "words", maxWords: 4 } },
    vocabulary: buildVocabulary(["red apple", "blue boat", "red boat"], { size: 40, pieces: 8 }),
    requests: ["red apple", "blue boat"],
  },
  {
    name: "mar with a place map",
    system: "mar",
    parts: { ...tinyMar, placeMap: { features: 8, rank: 2 } },
    requests: [0, 2],
  },
];

/** The composition of a tiny system, with some parts exchanged. */
export function compose(
  { system, parts, vocabulary }: TinySystem,
  changes: Parts = {},
): Composition {
  const found = systemNamed(system, "test");
  const config = found.parse({ ...parts, ...changes }, "test");
  return found.compose(config, vocabulary ? { vocabulary } : {});
}

/** A base whose tokens are codes of a codebook. */
export type CodeComposition = NextScaleComposition | NextTokenComposition;

/** The composition, if its tokens are codes. */
export function ofCodes(composition: Composition): CodeComposition | undefined {
  return composition.base === "masked" ? undefined : composition;
}

/** A composition that is known to stand on this base. */
export function nextScale(composition: Composition): NextScaleComposition {
  if (composition.base === "next-scale") return composition;
  throw new Error(`${composition.base} is another base`);
}

/** The same of another base. */
export function nextToken(composition: Composition): NextTokenComposition {
  if (composition.base === "next-token") return composition;
  throw new Error(`${composition.base} is another base`);
}

/**
 * Parameters far from where training starts, so that every layer matters to every result: at their
 * first values blocks are nearly the identity, and a wrong cache would hardly show.
 */
export function wildParameters(specs: ParameterSpecs, seed: number): Map<string, Float32Array> {
  return new Map(
    [...specs].map(([path, { shape }]) => {
      const count = shape.reduce((a, b) => a * b, 1);
      const isGain = /norm\w*\.weight$/i.test(path);
      // vectors, and tables that are stored with leading axes of 1, are added to what they meet
      const scale = shape.length < 2 || shape[0] === 1 ? 0.3 : Math.sqrt(shape[0]! / count);
      const values = random(seed, "wild", path).normals(count);
      return [path, values.map((x) => scale * x + (isGain ? 1 : 0))];
    }),
  );
}

/** Wild parameters of a composition's tokenizer and transformer. */
export function wildModel(composition: Composition, seed = 1): Map<string, Float32Array> {
  const { tokenizer, transformer } = modelParameters(composition);
  return wildParameters(new Map([...tokenizer, ...transformer]), seed);
}
