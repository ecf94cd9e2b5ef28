/** What drawing with a model takes, known before anything is loaded. */
import { traceStep } from "../decoding/next-scale-step.ts";
import { input } from "../graph/ops/source.ts";
import { isGuided } from "../guidance/schedule.ts";
import { countParameters, Scope } from "../nn/layer.ts";
import { modelParameters, TOKENIZER_PREFIX } from "../systems/model-parameters.ts";
import type { Composition } from "../systems/system.ts";
import { type WeightFormat, weightFormats } from "../systems/weight-format.ts";
import { scaleTokenizer } from "../tokenizers/scale-tokenizer.ts";
import { liveBytes } from "./live-bytes.ts";
import { packedBytes, weightBytes } from "./weight-bytes.ts";

export interface MemoryPlan {
  readonly parameters: { readonly transformer: number; readonly tokenizer: number };
  /** Of all weights, by number format. */
  readonly weightBytes: Readonly<Record<WeightFormat, number>>;
  /** Parts of the peak. */
  readonly parts: {
    /** Node, the engine and the graphs. */
    readonly program: number;
    /** What sampling reads of the weights: not the encoder. */
    readonly weights: number;
    /** Keys and values of all tokens, while the last step makes them from those before. */
    readonly cache: number;
    /** Values inside the last step, the largest. */
    readonly step: number;
    /** Values inside the pixel decoder. */
    readonly decoder: number;
  };
  /** Keys and values of all tokens once. */
  readonly cacheBytes: number;
  /** Most resident memory while the graphs are made, before there are any values. */
  readonly makingBytes: number;
  /** Most resident memory of a process that draws: the parts together, or the making. */
  readonly peakBytes: number;
}

/** Node and the engine with nothing loaded, in bytes; a little per parameter tensor comes on top. */
const PROGRAM = 150e6;
const PER_TENSOR = 100e3;

/**
 * How often packed matrices lie in memory, while drawing and while the graph is made. In fp32 the
 * engine maps their file. Otherwise there are our own, the graph's text that is being read, and the
 * engine's: fp16 widened to float32, int8 in the order of its kernel, int4 in both orders. Fitted to
 * what d16 was seen to take.
 */
const copies: Readonly<Record<WeightFormat, { readonly held: number; readonly making: number }>> = {
  fp32: { held: 1, making: 1 },
  fp16: { held: 3, making: 4 },
  int8: { held: 2, making: 3 },
  int4: { held: 3, making: 4 },
};

/** What the engine's allocator holds over what is alive: it grows in steps and never shrinks. */
const ARENA = 1.2;

/** Pictures that a pass of the sampler computes together; the others wait. */
const PICTURES_AT_ONCE = 1;

/** Measured on the CPU; a GPU holds weights, cache and values in its own memory. */
export function memoryPlan(
  composition: Composition,
  { weights, batch }: { readonly weights: WeightFormat; readonly batch: number },
): MemoryPlan {
  const parameters = modelParameters(composition);
  const { transformer, tokenizer } = parameters;
  const encoder = [...tokenizer].filter(([name]) => isEncoder(name));
  const unread = 4 * countParameters(new Map(encoder));
  const pictures = Math.min(batch, PICTURES_AT_ONCE);
  const { cacheBytes, movedBytes } = caches(composition);
  const program = PROGRAM + PER_TENSOR * (transformer.size + tokenizer.size);
  const packed = packedBytes(parameters, weights);
  const plain = weightBytes(parameters, weights) - packed - unread;
  const { held, making } = copies[weights];
  const makingBytes = program + plain + making * packed;
  const parts = {
    program,
    weights: plain + held * packed,
    cache: pictures * (cacheBytes + movedBytes),
    step: pictures * ARENA * stepBytes(composition),
    decoder: pictures * ARENA * decoderBytes(composition),
  };
  return {
    parameters: {
      transformer: countParameters(transformer),
      tokenizer: countParameters(tokenizer),
    },
    weightBytes: Object.fromEntries(
      weightFormats.map((format) => [format, weightBytes(parameters, format)]),
    ) as Record<WeightFormat, number>,
    parts,
    cacheBytes,
    makingBytes,
    peakBytes: Math.max(
      makingBytes,
      Object.values(parts).reduce((sum, bytes) => sum + bytes, 0),
    ),
  };
}

function isEncoder(name: string): boolean {
  return /^(encoder|quantConv)\./.test(name.slice(TOKENIZER_PREFIX.length));
}

function rowsOf({ guidance, order }: Composition): number {
  return isGuided(guidance, order.steps.length) ? 2 : 1;
}

/** Keys and values in float32: 2 · depth · rows · tokens · width numbers. */
function caches(composition: Composition): { cacheBytes: number; movedBytes: number } {
  const { predictor, order } = composition;
  const perToken = 4 * 2 * predictor.depth * rowsOf(composition) * predictor.width;
  // the last step joins the keys before it with its own into new memory
  const before = order.tokenCount - order.steps.at(-1)!.count;
  return { cacheBytes: perToken * order.tokenCount, movedBytes: perToken * before };
}

function stepBytes(composition: Composition): number {
  const { order, decoding, tokenizer } = composition;
  const { count } = order.steps.at(-1)!;
  const variant = {
    guided: rowsOf(composition) === 2,
    topK: Math.min(decoding.topK || tokenizer.codebookSize, tokenizer.codebookSize),
    smooth: false,
    logits: false,
  };
  const sizes = { tokens: count, cached: order.tokenCount - count };
  const { outputs, stores } = traceStep(composition, variant, sizes);
  const cached = new Set([...stores.keys()].map((name) => outputs[name]!));
  return liveBytes(Object.values(outputs), cached);
}

function decoderBytes({ tokenizer }: Composition): number {
  const { height, width } = tokenizer.scales.at(-1)!;
  const feature = input("feature", "float32", [1, tokenizer.latentChannels, height, width]);
  const { pixels } = scaleTokenizer(tokenizer).bind(new Scope().child("tokenizer"));
  return liveBytes([pixels(feature)]);
}
