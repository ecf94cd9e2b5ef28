/**
 * CLIP (Radford et al. 2021): a ViT that embeds pictures and a causal transformer that embeds texts,
 * so that both point the same way where a text says what a picture shows.
 *
 * Axes: B pictures · S ids of one text · C width · E numbers of an embedding · N patches
 */
import { namedDim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { add, divide, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { less } from "../graph/ops/compare.ts";
import { conv2d } from "../graph/ops/conv.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { reshape, transpose } from "../graph/ops/layout.ts";
import { where } from "../graph/ops/select.ts";
import { constant, input } from "../graph/ops/source.ts";
import { exactGelu, sigmoid } from "../graph/ops/unary.ts";
import { pad, slice } from "../graph/ops/window.ts";
import { normal } from "../nn/initializers.ts";
import { Scope } from "../nn/layer.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { linear } from "../nn/linear.ts";
import { vitBlock } from "../nn/vit-block.ts";
import type { ClipActivation, ClipSizes, ClipTower } from "./clip-sizes.ts";

/** Of the pixels that CLIP was trained on, from 0 to 1. */
export const clipPixels = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
} as const;

const EPSILON = 1e-5;
const init = normal(0.02);

export interface ClipGraph {
  readonly scope: Scope;
  /** Of any length. */
  readonly embedding: Tensor;
}

/** Traces the image tower on the input `pixels` [B, 3, side, side] in [−1, 1]: → [B, E]. */
export function traceClipImages({ image, dimensions }: ClipSizes): ClipGraph {
  const root = new Scope();
  const scope = root.child("image");
  const { width, side, patch } = image;
  const batch = namedDim("B");
  const count = (side / patch) ** 2;
  const pixels = input("pixels", "float32", [batch, 3, side, side]);
  const kernel = scope.parameter("patches.weight", { shape: [width, 3, patch, patch], init });
  const maps = conv2d(normalized(pixels), kernel, undefined, { stride: patch });
  const patches = transpose(reshape(maps, [batch, width, count]), [0, 2, 1]);
  const positions = scope.parameter("positions", { shape: [count + 1, width], init });
  const token = reshape(scope.parameter("classToken", { shape: [width], init }), [1, width]);
  // the class token comes first; laid over the positions it need not be repeated for every picture
  const rows = add(pad(patches, 1, 1, 0), add(positions, pad(token, 0, 0, count)));
  const x = blocks(image, scope, layerNorm(width, EPSILON).bind(scope.child("normBefore"))(rows));
  const first = reshape(slice(x, 1, 0, 1), [batch, width]);
  return { scope: root, embedding: head(scope, first, width, dimensions) };
}

/**
 * Traces the text tower on one text: the inputs `ids` int32 [1, S] and `end` int32 [1], the place of
 * the end mark, whose row is the text's: → [1, E]. No row sees a later one, so that ids behind the end
 * mark change nothing.
 */
export function traceClipTexts({ text, dimensions }: ClipSizes): ClipGraph {
  const root = new Scope();
  const scope = root.child("text");
  const { width, vocabulary, longest } = text;
  const length = namedDim("S");
  const ids = input("ids", "int32", [1, length]);
  const places = input("places", "int32", [length]);
  const end = input("end", "int32", [1]);
  const table = scope.parameter("tokens.weight", { shape: [vocabulary, width], init });
  const positions = scope.parameter("positions", { shape: [longest, width], init });
  const later = less(reshape(places, [1, 1, length, 1]), reshape(places, [1, 1, 1, length]));
  const bias = where(later, Number.NEGATIVE_INFINITY, 0);
  const rows = add(lookup(table, ids), lookup(positions, places));
  const x = blocks(text, scope, rows, bias);
  const last = lookup(reshape(x, [length, width]), end);
  return { scope: root, embedding: head(scope, last, width, dimensions) };
}

/** (x − mean) / deviation of pixels x from 0 to 1. */
function normalized(pixels: Tensor): Tensor {
  const perChannel = (values: readonly number[]) =>
    constant(Float32Array.from(values), [1, 3, 1, 1]);
  const unit = add(multiply(pixels, 0.5), 0.5);
  return divide(subtract(unit, perChannel(clipPixels.mean)), perChannel(clipPixels.deviation));
}

function blocks(
  { width, depth, heads, activation }: ClipTower,
  scope: Scope,
  x: Tensor,
  bias?: Tensor,
): Tensor {
  const block = vitBlock({
    width,
    heads,
    expansion: 4,
    init,
    epsilon: EPSILON,
    rematerialize: false,
    activation: activations[activation],
  });
  const list = scope.child("blocks");
  let h = x;
  for (let i = 0; i < depth; i++) h = block.bind(list.child(String(i)))(h, bias);
  return h;
}

const activations: Readonly<Record<ClipActivation, (x: Tensor) => Tensor>> = {
  quick_gelu: (x) => multiply(x, sigmoid(multiply(x, 1.702))),
  gelu: exactGelu,
};

function head(scope: Scope, x: Tensor, width: number, dimensions: number): Tensor {
  const normed = layerNorm(width, EPSILON).bind(scope.child("norm"))(x);
  const sizes = { inputs: width, outputs: dimensions, bias: false, init };
  return linear(sizes).bind(scope.child("projection"))(normed);
}
