/**
 * Attention of new rows on a key-value cache of fixed size, with rotary positions: what a step of
 * next-token decoding does between two products, as one op.
 *
 * Apart, it is 22 nodes whose work is less than what starting them costs, and it reads the cache to
 * its end, whatever part of it is filled. On the CPU it is one kernel that reads what is there.
 *
 * Axes: B sequences · S new rows · T rows of the cache · H heads · D size of a head · C = H·D
 */

import { ShapeError } from "../../errors.ts";
import { type Dim, shapeText } from "../dim.ts";
import { type Dtype, onnxCode } from "../dtype.ts";
import type { Emitter } from "../emitter.ts";
import type { Tensor } from "../node.ts";
import { applyAll, type Op, requireDtype, requireRank } from "../op.ts";

interface CachedAttentionAttributes {
  readonly heads: number;
}

/** Which rows are new. */
export interface NewRows {
  /** Their places, int32 [S], without gaps. */
  readonly positions: Tensor;
  /** The same as indices [sequence, head, place] into the cache: int64 [B, H, S, 3]. */
  readonly places: Tensor;
  /** Added to the products: 0 for the rows up to each new one, −∞ for others. [1, 1, S, T] */
  readonly visible: Tensor;
  /** The place of the last one, for each sequence: int32 [B]. */
  readonly last: Tensor;
  /** How many rows there are with them: int32, rank 0. */
  readonly total: Tensor;
}

/** Outputs: y [B, S, C], and the cache's keys and values with the new rows. */
export const cachedAttentionOp: Op<CachedAttentionAttributes> = {
  name: "cachedAttention",
  infer: ([qkv, keys, values, cosines, sines], { heads }) => {
    for (const x of [qkv!, cosines!, sines!]) requireDtype("cachedAttention", x, "float32");
    for (const x of [keys!, values!]) requireDtype("cachedAttention", x, "float32", "float16");
    requireRank("cachedAttention", qkv!, 3);
    requireRank("cachedAttention", keys!, 4);
    const [batch, rows, wide] = qkv!.shape as [Dim, Dim, number];
    const [, , length, size] = keys!.shape as [Dim, number, number, number];
    const cache = shapeText([batch, heads, length, wide / 3 / heads]);
    const tables = shapeText([length, size / 2]);
    requireShapes(cache, [keys!, values!]);
    requireShapes(tables, [cosines!, sines!]);
    return [
      { dtype: "float32", shape: [batch, rows, wide / 3] },
      { dtype: keys!.dtype, shape: keys!.shape },
      { dtype: values!.dtype, shape: values!.shape },
    ];
  },
  emit: (emitter, { inputs, outputs, attributes: { heads }, node }) => {
    const [, { dtype, shape }] = node.inputs as [Tensor, Tensor];
    const size = shape[3] as number;
    // the kernel turns heads of such sizes alone
    if (emitter.target === "cpu" && size % 16 === 0 && dtype === "float32") {
      emitKernel(emitter, { inputs, outputs, heads });
    } else {
      emitPlainly(emitter, { inputs, outputs, heads, size, dtype });
    }
  },
  gradient: null,
  gradientRefused: "A cache is for sampling.",
};

function requireShapes(expected: string, tensors: readonly Tensor[]): void {
  for (const { shape } of tensors) {
    if (shapeText(shape) === expected) continue;
    throw new ShapeError({ where: "cachedAttention", expected, got: shapeText(shape) });
  }
}

interface Call {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly heads: number;
}

function emitKernel(emitter: Emitter, { inputs, outputs, heads }: Call): void {
  const [qkv, keys, values, cosines, sines, , , , last, total] = inputs as string[];
  const fed = [qkv!, "", "", keys!, values!, last!, total!, cosines!, sines!];
  emitter.nodes("GroupQueryAttention", fed, outputs, {
    domain: "com.microsoft",
    attributes: {
      num_heads: { int: heads },
      kv_num_heads: { int: heads },
      do_rotary: { int: 1 },
      rotary_interleaved: { int: 1 },
    },
  });
}

interface PlainCall extends Call {
  readonly size: number;
  /** Of the cache. */
  readonly dtype: Dtype;
}

const castTo = (dtype: Dtype) => ({ attributes: { to: { int: onnxCode(dtype) } } });

function emitPlainly(
  emitter: Emitter,
  { inputs, outputs: [y, newKeys, newValues], heads, size, dtype }: PlainCall,
): void {
  const [qkv, keys, values, cosines, sines, positions, places, visible] = inputs as string[];
  const three = ["", "", ""].map(() => emitter.temporary());
  const width = heads * size;
  emitter.nodes("Split", [qkv!, emitter.ints([width, width, width])], three, {
    attributes: { axis: { int: 2 } },
  });
  const [q, k, v] = three.map((part) =>
    transposed(emitter, reshaped(emitter, part, [0, 0, heads, size]), [0, 2, 1, 3]),
  ) as [string, string, string];
  const angles = [cosines!, sines!].map((table) =>
    reshaped(emitter, emitter.node("Gather", [table, positions!]), [-1, size / 2, 1]),
  );
  const turned = (x: string) => emitTurned(emitter, x, angles, size);
  const as = (x: string, to: Dtype) =>
    dtype === "float32" ? x : emitter.node("Cast", [x], undefined, castTo(to));
  const replaced = (cache: string, rows: string, output: string | undefined) =>
    as(emitter.node("ScatterND", [cache, places!, as(rows, dtype)], output), "float32");
  const allKeys = replaced(keys!, turned(k), newKeys);
  const allValues = replaced(values!, v, newValues);
  const scaled = emitter.node("Mul", [turned(q), emitter.scalar(1 / Math.sqrt(size))]);
  const products = emitter.node("MatMul", [scaled, transposed(emitter, allKeys, [0, 1, 3, 2])]);
  const weights = emitter.node("Softmax", [emitter.node("Add", [products, visible!])], undefined, {
    attributes: { axis: { int: -1 } },
  });
  const seen = transposed(emitter, emitter.node("MatMul", [weights, allValues]), [0, 2, 1, 3]);
  emitter.node("Reshape", [seen, emitter.ints([0, 0, width])], y);
}

/** (x₀, x₁) → (x₀·cos − x₁·sin, x₁·cos + x₀·sin) for every pair of neighbours: x [B, H, S, D]. */
function emitTurned(
  emitter: Emitter,
  x: string,
  [cosines, sines]: readonly string[],
  size: number,
): string {
  const last = { attributes: { axis: { int: -1 } } };
  const [a, b] = [emitter.temporary(), emitter.temporary()];
  const pairs = emitter.node("Reshape", [x, emitter.ints([0, 0, -1, size / 2, 2])]);
  emitter.nodes("Split", [pairs, emitter.ints([1, 1])], [a, b], last);
  const product = (one: string, table: string) => emitter.node("Mul", [one, table]);
  const first = emitter.node("Sub", [product(a, cosines!), product(b, sines!)]);
  const second = emitter.node("Add", [product(b, cosines!), product(a, sines!)]);
  const both = emitter.node("Concat", [first, second], undefined, last);
  return emitter.node("Reshape", [both, emitter.ints([0, 0, -1, size])]);
}

function reshaped(emitter: Emitter, x: string, shape: readonly number[]): string {
  return emitter.node("Reshape", [x, emitter.ints(shape)]);
}

function transposed(emitter: Emitter, x: string, axes: readonly number[]): string {
  return emitter.node("Transpose", [x], undefined, { attributes: { perm: { ints: axes } } });
}

export interface CachedAttentionCall {
  /** Keys and values of earlier rows, each [B, H, T, D]. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /** Of every place and pair of neighbours, [T, D / 2] each. */
  readonly cosines: Tensor;
  readonly sines: Tensor;
  readonly rows: NewRows;
}

/**
 * qkv [B, S, 3·C], queries before keys before values → what the rows see [B, S, C], and the cache
 * with their keys, turned, and values. Every row sees all rows up to itself; what the cache holds
 * behind them is undefined. Several new rows of several sequences have to be the first of the cache.
 *
 * @throws ShapeError if cache and tables do not fit.
 */
export function cachedAttention(
  qkv: Tensor,
  { keys, values, cosines, sines, rows }: CachedAttentionCall,
): { readonly y: Tensor; readonly keys: Tensor; readonly values: Tensor } {
  const { positions, places, visible, last, total } = rows;
  const [y, newKeys, newValues] = applyAll(
    cachedAttentionOp,
    [qkv, keys, values, cosines, sines, positions, places, visible, last, total],
    { heads: keys.shape[1] as number },
  ) as [Tensor, Tensor, Tensor];
  return { y, keys: newKeys, values: newValues };
}
