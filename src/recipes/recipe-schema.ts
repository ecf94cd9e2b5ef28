/** What a recipe file must look like. Fields that most runs leave alone may be left out. */
import { z } from "zod";
import {
  smallConvnetFields,
  smallResnetFields,
  unknownArch,
} from "../features/classifier-schema.ts";
import { tokenizerSchema } from "../tokenizers/tokenizer-schema.ts";
import { defaultPlan } from "../training/plan.ts";
import type { TrainingRecipe } from "./recipe.ts";

const count = z.int().positive();
const whole = z.int().nonnegative();
const factor = z.number().nonnegative();
const share = z.number().min(0).max(1);
const text = z.string().min(1);
const byte = z.int().min(0).max(255);

const extent = z.union([z.object({ steps: whole }), z.object({ share })], {
  error: 'expected { "steps": … } or { "share": … }',
});
const rise = {
  warmup: extent,
  warmupStart: share,
};
const schedule = z.discriminatedUnion(
  "name",
  [
    z.object({ name: z.literal("constant"), ...rise }),
    z.object({ name: z.literal("cosine"), ...rise, end: share }),
    z.object({ name: z.literal("linear"), ...rise, flat: share, end: share }),
  ],
  { error: 'expected "constant", "cosine" or "linear"' },
);

const plan = z.object({
  steps: count,
  batchSize: count,
  accumulation: count.default(defaultPlan.accumulation),
  learningRate: z.number().positive(),
  schedule,
  weightDecay: z.object({ from: factor, to: factor }).default({ ...defaultPlan.weightDecay }),
  beta1: share.default(defaultPlan.beta1),
  beta2: share.default(defaultPlan.beta2),
  clipNorm: z.number().positive().default(defaultPlan.clipNorm),
  muon: z
    .object({ momentum: share, iterations: count.exactOptional(), except: z.array(text) })
    .exactOptional(),
  averaging: z.object({ decay: share, warmup: z.boolean() }).default({ ...defaultPlan.averaging }),
  seed: whole.default(defaultPlan.seed),
  previewEvery: count.default(defaultPlan.previewEvery),
});

const mirrored = z.union([share, z.literal("alternate")], {
  error: 'expected a share from 0 to 1, or "alternate"',
});

const augment = z.object({
  shift: share.exactOptional(),
  scale: factor.exactOptional(),
  flip: mirrored.exactOptional(),
  hue: factor.exactOptional(),
  brightness: share.exactOptional(),
  fill: z.tuple([byte, byte, byte]).exactOptional(),
});

const common = {
  name: text,
  summary: z.string().default(""),
  card: z
    .object({
      summary: z.string().exactOptional(),
      license: text,
      dataset: text,
      attribution: z.string(),
      limits: z.array(z.string()),
      example: z.string().exactOptional(),
    })
    .exactOptional(),
};

const data = z.object({
  folder: text.exactOptional(),
  size: count,
  exclude: z.array(z.object({ field: text, pattern: z.string() })).default([]),
  augment: augment.default({}),
});

const perceptual = z.object({
  network: z.union([text, z.object({ trunk: text, heads: text })], {
    error: 'expected a classifier or { "trunk": …, "heads": … }',
  }),
  weight: factor,
});

const adversarial = z.object({
  weight: factor.default(0.5),
  start: extent,
  channels: count.default(64),
  layers: count.default(3),
  adaptiveLimit: z.number().positive().exactOptional(),
});

const tokenizer = z.object({
  kind: z.literal("tokenizer"),
  ...common,
  data,
  tokenizer: tokenizerSchema,
  losses: z.object({
    l1: factor,
    l2: factor,
    edges: factor,
    commitment: factor,
    entropy: factor.exactOptional(),
    divergence: factor.exactOptional(),
    perceptual: perceptual.exactOptional(),
    adversarial: adversarial.exactOptional(),
  }),
  revival: z.object({ every: count, until: share, threshold: factor }),
  plan,
});

const classifier = z.object({
  kind: z.literal("classifier"),
  ...common,
  data: data.extend({
    test: z.union([z.object({ folder: text }), z.object({ share })], {
      error: 'expected { "folder": … } or { "share": … }',
    }),
    classes: z.object({ field: text, otherwise: text, atLeast: count }).exactOptional(),
  }),
  dataset: text,
  network: z.discriminatedUnion(
    "arch",
    [
      z.object({ arch: z.literal("small-resnet"), ...smallResnetFields }),
      z.object({ arch: z.literal("small-convnet"), ...smallConvnetFields }),
    ],
    { error: unknownArch },
  ),
  smoothing: share,
  scenes: z.object({ perBatch: count }).exactOptional(),
  plan,
});

const words = z.object({
  vocabulary: count,
  pieces: whole,
  maxWords: count,
  keywordField: text.exactOptional(),
  keywordShare: share,
  partShare: share,
});

const anySystem = {
  kind: z.literal("system"),
  ...common,
  data,
  conditioning: z.discriminatedUnion(
    "kind",
    [z.object({ kind: z.literal("words"), words }), z.object({ kind: z.literal("classes") })],
    { error: 'expected "words" or "classes"' },
  ),
  conditionDrop: share,
  dropPath: share,
  sampling: z
    .object({
      guidance: factor.exactOptional(),
      topK: whole.exactOptional(),
      topP: z.number().positive().max(1).exactOptional(),
      temperature: z.number().positive().exactOptional(),
    })
    .default({}),
  plan,
};

const stack = z.object({ depth: count, heads: count });
const blocks = { depth: count, width: count, heads: count };

const system = z.discriminatedUnion(
  "system",
  [
    z.object({
      ...anySystem,
      system: z.literal("var"),
      sizes: z.object({
        ...blocks,
        sharedModulation: z.boolean(),
        queryKeyNorm: z.enum(["l2", "none"]),
        gainInit: z.number().positive(),
      }),
    }),
    z.object({
      ...anySystem,
      system: z.literal("llamagen"),
      sizes: z.object({ ...blocks, hidden: count }),
      tokenDropout: share.default(0.1),
      branchDropout: share.default(0.1),
    }),
    z.object({
      ...anySystem,
      system: z.literal("mar"),
      sizes: z.object({
        width: count,
        encoder: stack,
        decoder: stack,
        classSlots: count,
        placeMap: z.object({ features: count, rank: count }).exactOptional(),
        head: z.object({ width: count, depth: count, clip: z.number().positive().exactOptional() }),
        steps: count,
        diffusionSteps: count.max(1000),
      }),
      attentionDropout: share.default(0.1),
      branchDropout: share.default(0.1),
      repeats: count.default(4),
    }),
  ],
  { error: 'expected "var", "llamagen" or "mar"' },
);

export const recipeSchema: z.ZodType<TrainingRecipe> = z.discriminatedUnion(
  "kind",
  [tokenizer, classifier, system],
  { error: 'expected "tokenizer", "classifier" or "system"' },
);
