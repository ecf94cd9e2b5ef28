/** Trained classifiers at rest: a folder with config.json and model.safetensors. */
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { fileHash } from "../checkpoints/file-hash.ts";
import { readJson } from "../checkpoints/json-file.ts";
import { matchParameters } from "../checkpoints/match-parameters.ts";
import { readSafetensors, safetensorsChunks } from "../checkpoints/safetensors.ts";
import { elementCount, float32Tensor, type TensorMap } from "../checkpoints/tensor-data.ts";
import { writeAllWhole } from "../checkpoints/whole-file.ts";
import { CheckpointError } from "../errors.ts";
import { namedDim } from "../graph/dim.ts";
import { input } from "../graph/ops/source.ts";
import { type ParameterSpecs, Scope } from "../nn/layer.ts";
import { type ClassifierNetwork, type ClassifierOptions, classify } from "./classifier.ts";
import { smallConvnetFields, smallResnetFields, unknownArch } from "./classifier-schema.ts";

/** Raised when a reader of the old form could misread the new one. */
export const CLASSIFIER_SCHEMA = 1;

interface CommonConfig {
  schema: typeof CLASSIFIER_SCHEMA;
  kind: "classifier";
  /** Name of the data, as it stands in the names of metrics: `cifar10`, `emoji-scenes`. */
  dataset: string;
  /** Names of the classes, by label. */
  classes: string[];
  /** Fields of metadata that name a picture's class, the first that names one; none: its label. */
  classFields?: string[] | undefined;
  /** Share of the test pictures that it classifies rightly, 0 … 1. */
  testAccuracy: number;
  [key: string]: unknown;
}

type ConfigOf<Network> = Network extends { arch: infer Arch }
  ? {
      arch: Arch;
      sizes: {
        /** Pixels per side of its pictures. */
        side: number;
      } & Omit<Network, "arch">;
    }
  : never;

/** `config.json` of a classifier; free further keys are kept. */
export type ClassifierConfig = CommonConfig & ConfigOf<ClassifierNetwork>;

export interface Classifier {
  readonly config: ClassifierConfig;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  /** SHA-256 of model.safetensors in hexadecimal. */
  readonly hash: string;
}

const count = z.int().positive();

const common = {
  schema: z.literal(CLASSIFIER_SCHEMA, {
    error: `this Ordo reads schema ${CLASSIFIER_SCHEMA}; a newer one may read this file`,
  }),
  kind: z.literal("classifier"),
  // it becomes part of file and metric names
  dataset: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "expected words of a-z and 0-9 with hyphens"),
  classes: z.array(z.string()).min(2),
  classFields: z.array(z.string()).optional(),
  testAccuracy: z.number().min(0).max(1),
};

const configSchema: z.ZodType<ClassifierConfig> = z.discriminatedUnion(
  "arch",
  [
    z.looseObject({
      ...common,
      arch: z.literal("small-resnet"),
      sizes: z.object({ side: count, ...smallResnetFields }),
    }),
    z.looseObject({
      ...common,
      arch: z.literal("small-convnet"),
      sizes: z.object({ side: count, ...smallConvnetFields }),
    }),
  ],
  { error: unknownArch },
);

/**
 * Reads a classifier.
 *
 * @throws CheckpointError listing the fields or the parameters that do not fit; ConfigError for sizes
 * that contradict each other.
 */
export async function readClassifier(folder: string): Promise<Classifier> {
  const path = resolve(folder);
  const config = await readJson(join(path, CONFIG), configSchema, {
    hint: "A classifier is a folder with config.json and model.safetensors",
  });
  const where = join(path, WEIGHTS);
  const expected = [...parametersOf(config)].map(([name, { shape }]) => ({ name, shape }));
  const parameters = matchParameters(expected, await readSafetensors(where), { where });
  return { config, parameters, hash: (await fileHash(where))! };
}

/**
 * Writes a classifier, making its folder if need be.
 *
 * @param parameters by the paths that `classify` gives them in a scope of its own.
 * @throws CheckpointError for fields or parameters that do not fit, or if the disk refuses.
 */
export async function writeClassifier(
  folder: string,
  config: ClassifierConfig,
  parameters: ReadonlyMap<string, Float32Array>,
): Promise<void> {
  const path = resolve(folder);
  const checked = configSchema.safeParse(config);
  if (!checked.success) {
    const got = checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    const where = join(path, CONFIG);
    throw new CheckpointError({ where, expected: "fields that fit", got: got.join("; ") });
  }
  const file = join(path, WEIGHTS);
  const tensors = tensorsOf(parametersOf(config), parameters, file);
  // where it fails, writing says why
  await mkdir(path, { recursive: true }).catch(() => null);
  await writeAllWhole([
    { path: file, content: safetensorsChunks(file, tensors, { format: "ordo" }) },
    { path: join(path, CONFIG), content: `${JSON.stringify(config, null, 2)}\n` },
  ]);
}

const CONFIG = "config.json";
const WEIGHTS = "model.safetensors";

/** Binding alone declares the parameters; nothing is computed. */
function parametersOf(config: ClassifierConfig): ParameterSpecs {
  const scope = new Scope();
  const { side } = config.sizes;
  const pixels = input("pixels", "float32", [namedDim("B"), 3, side, side]);
  classify(scope, pixels, classifierOptions(config));
  return scope.specs;
}

/** The network that a classifier's folder holds the parameters of. */
export function classifierOptions(config: ClassifierConfig): ClassifierOptions {
  const { arch, sizes, classes } = config;
  return { arch, ...sizes, classes: classes.length } as ClassifierOptions;
}

function tensorsOf(
  specs: ParameterSpecs,
  parameters: ReadonlyMap<string, Float32Array>,
  where: string,
): TensorMap {
  const expected = [...specs].map(([name, { shape }]) => ({ name, shape }));
  const shapeOf = (name: string, { length }: Float32Array) => {
    const shape = specs.get(name)?.shape;
    return shape && elementCount(shape) === length ? shape : [length];
  };
  const tensors = new Map(
    [...parameters].map(([name, data]) => [name, float32Tensor(shapeOf(name, data), data)]),
  );
  matchParameters(expected, tensors, { where });
  return tensors;
}
