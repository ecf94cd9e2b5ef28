/** Model folders of random weights, small enough to be written and loaded in a moment. */
import type { Json } from "../../src/checkpoints/model-config.ts";
import { MODEL_FORMAT } from "../../src/checkpoints/model-config.ts";
import { writeModelFolder } from "../../src/checkpoints/model-folder.ts";
import { float32Tensor, type TensorMap } from "../../src/checkpoints/tensor-data.ts";
import { buildVocabulary } from "../../src/conditioning/vocabulary.ts";
import type { ParameterSpecs } from "../../src/nn/layer.ts";
import { squareScales } from "../../src/orders/scale-schedule.ts";
import { CLASSES_FILE, VOCABULARY_FILE } from "../../src/systems/assemble.ts";
import { modelParameters, TOKENIZER_PREFIX } from "../../src/systems/model-parameters.ts";
import { varSystem } from "../../src/systems/var.ts";
import type { VarConfig } from "../../src/systems/var-config.ts";
import { wildParameters } from "../conformance/tiny-systems.ts";

/** 16×16 pictures from words, as 30 tokens in four maps. */
const sizes: VarConfig = {
  depth: 1,
  width: 16,
  heads: 2,
  sharedModulation: false,
  queryKeyNorm: "l2",
  gainInit: 0.5,
  conditioning: { kind: "words", maxWords: 4 },
  tokenizer: {
    channels: 8,
    multipliers: [1, 1, 2],
    encoderBlocks: 1,
    decoderBlocks: 1,
    latentChannels: 4,
    groups: 4,
    patchSize: 1,
    attention: false,
    codebookSize: 32,
    phiSharing: 2,
    scales: squareScales([1, 2, 3, 4]),
  },
};

export interface TinyModelOptions {
  /** Class names; the model draws from words without them. */
  readonly classNames?: readonly string[];
  readonly seed?: number;
  /** Of the transformer; matrices of width 128 and more stay in their file when they are loaded. */
  readonly width?: number;
}

/** Writes a model whose pictures differ by seed and by request. */
export async function writeTinyModel(
  folder: string,
  { classNames, seed = 1, width = sizes.width }: TinyModelOptions = {},
): Promise<void> {
  const config: VarConfig = {
    ...sizes,
    width,
    ...(classNames && { conditioning: { kind: "classes", classes: classNames.length } }),
  };
  const vocabulary = buildVocabulary(["red apple", "blue boat", "rocket"], { size: 40, pieces: 8 });
  const specs = modelParameters(varSystem.compose(config, { vocabulary }));
  await writeModelFolder(folder, {
    config: {
      format: MODEL_FORMAT,
      system: varSystem.name,
      parts: json(config),
      sampling: { guidance: 2, topK: 0, topP: 0.95, temperature: 1 },
    },
    weights: tensors(specs.transformer, seed),
    tokenizer: tensors(specs.tokenizer, seed, TOKENIZER_PREFIX),
    json: classNames
      ? { [CLASSES_FILE]: [...classNames] }
      : { [VOCABULARY_FILE]: json(vocabulary.toJSON()) },
  });
}

/** Values far from where training starts, so that every layer matters. */
function tensors(specs: ParameterSpecs, seed: number, prefix = ""): TensorMap {
  return new Map(
    [...wildParameters(specs, seed)].map(([path, data]) => [
      path.slice(prefix.length),
      float32Tensor(specs.get(path)!.shape, data),
    ]),
  );
}

function json(value: unknown): Record<string, Json> {
  return JSON.parse(JSON.stringify(value)) as Record<string, Json>;
}
