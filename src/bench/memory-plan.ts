/** What drawing with a model takes, known before anything is loaded. */
import type { Tensor } from "../graph/node.ts";
import { countParameters } from "../nn/layer.ts";
import type { DrawGraph, PassGraph } from "../systems/base.ts";
import { baseOf } from "../systems/bases.ts";
import { modelParameters, TOKENIZER_PREFIX } from "../systems/model-parameters.ts";
import type { Composition } from "../systems/system.ts";
import { type WeightFormat, weightFormats } from "../systems/weight-format.ts";
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
    /** Keys and values of all tokens, and a place more for each kind, where a step writes. */
    readonly cache: number;
    /** Values inside the largest step. */
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
 * How often packed matrices lie in memory, while drawing and while the graph is made: in the engine's
 * own order, fp16 widened to float32, and for a time in their file, which the engine maps. Fitted to
 * what d16 was seen to take.
 */
const copies: Readonly<Record<WeightFormat, { readonly held: number; readonly making: number }>> = {
  fp32: { held: 1, making: 1 },
  fp16: { held: 2, making: 3 },
  int8: { held: 1, making: 2 },
  int4: { held: 2, making: 3 },
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
  const base = baseOf(composition);
  // the first reads what is asked for, which may be long; the last makes or sees the most tokens
  const ends = [0, composition.order.steps.length - 1];
  const passes = ends.map((step) => base.tracePass(composition, step));
  const draws = ends.flatMap((step) => base.traceDraw?.(composition, step) ?? []);
  const last = passes.at(-1)!;
  const { cacheBytes, movedBytes } = caches(last);
  const program = PROGRAM + PER_TENSOR * (transformer.size + tokenizer.size);
  const packed = packedBytes(parameters, weights);
  const plain = weightBytes(parameters, weights) - packed - unread;
  const { held, making } = copies[weights];
  const makingBytes = program + plain + making * packed;
  const parts = {
    program,
    weights: plain + held * packed,
    cache: pictures * (cacheBytes + movedBytes),
    step: pictures * ARENA * largest([...passes, ...draws]),
    decoder: pictures * ARENA * liveBytes([base.tracePixels(composition)]),
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

/** Most bytes of values in any of the graphs, which run one after the other. */
function largest(graphs: readonly Partial<PassGraph & DrawGraph>[]): number {
  return Math.max(
    ...graphs.map(({ outputs = [], cache = [] }) => liveBytes(outputs, new Set(cache))),
  );
}

function isEncoder(name: string): boolean {
  return /^(encoder|quantConv)\./.test(name.slice(TOKENIZER_PREFIX.length));
}

/** Keys and values of all tokens, and the places of a block in which a pass begins to write them. */
function caches({ cache, inPlace }: PassGraph) {
  const bytes = (tensors: readonly Tensor[]) =>
    tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  return { cacheBytes: bytes(cache), movedBytes: inPlace ? 0 : bytes(cache.slice(0, 2)) };
}

function bytesOf({ shape }: Tensor): number {
  return 4 * (shape as readonly number[]).reduce((product, size) => product * size, 1);
}
