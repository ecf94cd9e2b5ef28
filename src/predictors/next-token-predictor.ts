/**
 * What stands around LlamaGen's transformer (sheet llamagen, "Sequences"): the condition as prefix,
 * token embeddings, rotary positions. One binding serves training, where all tokens are given at
 * once under a mask, and sampling, where they come one by one on a cache.
 *
 * Row P − 1 + t of the transformer predicts token t and reads token t − 1, or the end of the prefix.
 *
 * Axes: B batch · P prefix rows · N tokens · T = P + N − 1 rows · S rows of a call · C width
 */
import type { Conditioning } from "../conditioning/conditioning.ts";
import type { Dim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { add, minimum, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { concat, reshape, transpose } from "../graph/ops/layout.ts";
import { constant } from "../graph/ops/source.ts";
import { pad, slice } from "../graph/ops/window.ts";
import type { Scope } from "../nn/layer.ts";
import { embedding } from "../nn/linear.ts";
import { pairFactors, type RotaryOptions, type Rotation, rotationAt } from "../nn/rope.ts";
import type { AttendedWhole } from "../nn/rotary-attention.ts";
import type { Attended } from "../nn/self-attention.ts";
import type { Order } from "../orders/order.ts";
import { hiddenBias } from "../orders/visibility.ts";
import type { TransformerCall } from "./adaln-transformer.ts";
import { type LlamaTransformerOptions, llamaInit, llamaTransformer } from "./llama-transformer.ts";

export interface NextTokenPredictorOptions extends LlamaTransformerOptions {
  readonly order: Order;
  readonly grid: { readonly height: number; readonly width: number };
  readonly conditioning: Conditioning;
}

/** The rows of one call, while sampling. */
export interface TokenInputs {
  /** The tokens that are read, int32 [S]; ignored in the prefix. */
  readonly ids: Tensor;
  /** 1 in the prefix, else 0. Rank 0. */
  readonly first: Tensor;
  /** Places of the rows, int32 [S]. */
  readonly positions: Tensor;
  /** The row of each sequence whose logits are wanted, counted over all of them: int32 [B]. */
  readonly last: Tensor;
}

type Inputs = Readonly<Record<string, Tensor>>;

/** What a block may look at, given the rotations of all T rows, [T, D / 2]. */
export type CachedRows = (block: number, rotations: Rotation) => Attended | AttendedWhole;

/** What is multiplied while training, against overfitting. */
export interface TrainingFactors {
  /** On the input vectors, [B, T, C]. */
  readonly tokens?: Tensor;
  readonly blocks?: TransformerCall["factors"];
}

export interface NextTokenPredictor {
  /** The prefix, [B, P, C]. */
  condition(inputs: Inputs): Tensor;
  /** Teacher forcing: all tokens but the last, int32 [B, N − 1] → logits [B, N, V]. */
  all(ids: Tensor, inputs: Inputs, factors?: TrainingFactors): Tensor;
  /** Some rows on a cache → logits [B, V] of the last one. */
  step(rows: TokenInputs, prefix: Tensor, attended: CachedRows): Tensor;
}

/** P, the rows before the first token. */
export function prefixLength({ length = 1 }: Conditioning): number {
  return length;
}

export function nextTokenPredictor(options: NextTokenPredictorOptions): {
  bind(scope: Scope): NextTokenPredictor;
} {
  const { order, grid, width, heads, conditioning } = options;
  const prefix = prefixLength(conditioning);
  const rows = prefix + order.tokenCount - 1;
  const rotary: RotaryOptions = { ...grid, size: width / heads, prefix };
  return {
    bind: (scope) => {
      const embed = embedding(options.logits, width, llamaInit).bind(scope.child("tokenEmbedding"));
      const vectors = conditioning.bind(scope.child("condition"));
      const run = llamaTransformer(options).bind(scope);
      const condition = (inputs: Inputs): Tensor => {
        const made = vectors(inputs);
        return reshape(made, [made.shape[0]!, prefix, width]);
      };
      return {
        condition,
        all: (ids, inputs, factors = {}) => {
          const start = condition(inputs);
          const x = order.tokenCount === 1 ? start : concat([start, embed(ids)], 1);
          const positions = constant(
            Int32Array.from({ length: rows }, (_, i) => i),
            [rows],
          );
          const visible = constant(rowBias(order, prefix), [1, 1, rows, rows]);
          const valid = conditioning.valid?.(inputs);
          const bias = valid ? add(visible, paddingBias(valid, prefix, rows)) : visible;
          return run(factors.tokens ? multiply(x, factors.tokens) : x, {
            rotation: rotationAt(rotary, positions),
            attended: () => ({ bias }),
            select: (hidden) => slice(hidden, 1, prefix - 1),
            ...(factors.blocks && { factors: factors.blocks }),
          });
        },
        step: ({ ids, first, positions, last }, start, attended) => {
          const [batch] = start.shape as [number];
          const rotations = pairFactors(rotary, rows);
          const [count] = positions.shape as [Dim];
          // in the prefix all its rows, later any of them: it is switched off, and needs to exist
          const table = reshape(transpose(start, [1, 0, 2]), [prefix, batch * width]);
          const places = minimum(positions, constant(Int32Array.of(prefix - 1), []));
          const given = reshape(lookup(table, places), [count, batch, width]);
          const begun = multiply(transpose(given, [1, 0, 2]), first);
          const read = multiply(reshape(embed(ids), [1, count, width]), subtract(1, first));
          return run(add(begun, read), {
            rotation: rotationAt(rotary, positions),
            attended: (block) => attended(block, rotations),
            select: (hidden) => lookup(reshape(hidden, [-1, width]), last),
          });
        },
      };
    },
  };
}

/** What rows may see of each other: the prefix is causal, and all of it is step 0. Float32 [T, T]. */
function rowBias(order: Order, prefix: number): Float32Array {
  const rows = prefix + order.tokenCount - 1;
  const start = prefix - 1;
  const bias = new Float32Array(rows * rows);
  for (let query = 0; query < rows; query++) {
    for (let key = 0; key < rows; key++) {
      const visible =
        query < start ? key <= query : order.visible(query - start, Math.max(0, key - start));
      if (!visible) bias[query * rows + key] = hiddenBias;
    }
  }
  return bias;
}

/** Hides columns that pad, except from themselves, so that no row is empty. → [B, 1, T, T] */
function paddingBias(valid: Tensor, prefix: number, rows: number): Tensor {
  const [batch] = valid.shape as [Dim];
  const columns = pad(multiply(subtract(1, valid), hiddenBias), 1, 0, rows - prefix);
  const others = new Float32Array(rows * rows).fill(1);
  for (let row = 0; row < rows; row++) others[row * rows + row] = 0;
  return multiply(reshape(columns, [batch, 1, 1, rows]), constant(others, [1, 1, rows, rows]));
}
