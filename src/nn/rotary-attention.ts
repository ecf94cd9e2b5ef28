/**
 * Multi-head self-attention as Llama has it: no biases, and positions as rotations of queries and
 * keys (sheet llamagen, "GPT").
 *
 * Axes: B batch · S queries · T keys · C width · H heads · D = C / H
 */
import { ConfigError } from "../errors.ts";
import type { Dim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { attention } from "../graph/ops/attention.ts";
import { chunk, reshape, transpose } from "../graph/ops/layout.ts";
import type { Initializer } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";
import { linear } from "./linear.ts";
import { type Rotation, rotate } from "./rope.ts";
import type { Attended } from "./self-attention.ts";

export interface RotaryAttentionOptions {
  readonly width: number;
  readonly heads: number;
  readonly init: Initializer;
}

/** Instead of what rows see of each other: all there is between the two products, in one. */
export interface AttendedWhole {
  /** Queries, keys and values, [B, S, 3·C] → what the rows see, [B, S, C]. */
  readonly whole: (qkv: Tensor) => Tensor;
}

type Args = [x: Tensor, rotation: Rotation, attended: Attended | AttendedWhole];

/** x [B, S, C] → [B, S, C]. @throws ConfigError if the heads do not divide the width. */
export function rotaryAttention({
  width,
  heads,
  init,
}: RotaryAttentionOptions): Layer<Args, Tensor> {
  if (width % heads !== 0) {
    throw new ConfigError({
      where: "rotaryAttention",
      expected: `a width divisible by ${heads} heads`,
      got: String(width),
    });
  }
  const size = width / heads;
  const parts = {
    qkv: linear({ inputs: width, outputs: 3 * width, bias: false, init }),
    projection: linear({ inputs: width, outputs: width, bias: false, init }),
  };
  return layer(parts, ({ qkv, projection }, x, rotation, attended) => {
    if ("whole" in attended) return projection(attended.whole(qkv(x)));
    const { bias, extend } = attended;
    const [batch, length] = x.shape as [Dim, Dim, Dim];
    const [q, k, v] = chunk(qkv(x), 3, 2).map((part) =>
      transpose(reshape(part, [batch, length, heads, size]), [0, 2, 1, 3]),
    ) as [Tensor, Tensor, Tensor];
    // keys are cached after rotation
    const own = { keys: rotate(k, rotation), values: v };
    const { keys, values } = extend ? extend(own.keys, own.values) : own;
    const seen = attention(rotate(q, rotation), keys, values, {
      scale: 1 / Math.sqrt(size),
      ...(bias && { bias }),
    });
    return projection(reshape(transpose(seen, [0, 2, 1, 3]), [batch, length, width]));
  });
}
