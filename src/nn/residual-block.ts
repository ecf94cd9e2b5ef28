/** Blocks of the convolutional autoencoders of VQGAN, VAR and LlamaGen (sheet var, "Encoder / decoder"). */
import type { Tensor } from "../graph/node.ts";
import { add } from "../graph/ops/arithmetic.ts";
import { attention } from "../graph/ops/attention.ts";
import { chunk, reshape, transpose } from "../graph/ops/layout.ts";
import { silu } from "../graph/ops/unary.ts";
import { conv, groupNorm } from "./conv.ts";
import { fanIn, scaled } from "./initializers.ts";
import { type Layer, layer } from "./layer.ts";

type Block = Layer<[x: Tensor], Tensor>;

const unchanged: Block = { bind: () => (x) => x };

/** x + conv(silu(norm(conv(silu(norm(x)))))), with a 1×1 convolution on x where channels differ. */
export function residualBlock(inputs: number, outputs: number, groups: number): Block {
  const parts = {
    norm1: groupNorm(inputs, groups),
    conv1: conv({ inputs, outputs }),
    norm2: groupNorm(outputs, groups),
    // small at first, so that deep stacks start close to the identity
    conv2: conv({ inputs: outputs, outputs, init: scaled(fanIn(), 0.25) }),
    shortcut: inputs === outputs ? unchanged : conv({ inputs, outputs, kernel: 1 }),
  };
  return layer(parts, ({ norm1, conv1, norm2, conv2, shortcut }, x) =>
    add(shortcut(x), conv2(silu(norm2(conv1(silu(norm1(x))))))),
  );
}

export interface AttentionBlockOptions {
  /** Queries, keys and values by a convolution each instead of by one. */
  readonly separate?: boolean;
}

/** Single-head attention over all positions of a map: x [B, C, H, W] → [B, C, H, W]. */
export function attentionBlock(
  channels: number,
  groups: number,
  { separate = false }: AttentionBlockOptions = {},
): Block {
  const parts = {
    norm: groupNorm(channels, groups),
    qkv: separate ? threeConvolutions(channels) : oneConvolution(channels),
    projection: conv({
      inputs: channels,
      outputs: channels,
      kernel: 1,
      init: scaled(fanIn(), 0.25),
    }),
  };
  return layer(parts, ({ norm, qkv, projection }, x) => {
    const [batch, , height, width] = x.shape as [number, number, number, number];
    const [q, k, v] = qkv(norm(x)).map((part) =>
      transpose(reshape(part, [batch, 1, channels, height * width]), [0, 1, 3, 2]),
    ) as [Tensor, Tensor, Tensor];
    const seen = attention(q, k, v, { scale: channels ** -0.5 });
    const map = reshape(transpose(seen, [0, 1, 3, 2]), [batch, channels, height, width]);
    return add(x, projection(map));
  });
}

type Three = Layer<[x: Tensor], readonly Tensor[]>;

function oneConvolution(channels: number): Three {
  const joined = conv({ inputs: channels, outputs: 3 * channels, kernel: 1 });
  return {
    bind: (scope) => {
      const run = joined.bind(scope);
      return (x) => chunk(run(x), 3, 1);
    },
  };
}

function threeConvolutions(channels: number): Three {
  const own = conv({ inputs: channels, outputs: channels, kernel: 1 });
  return layer({ query: own, key: own, value: own }, ({ query, key, value }, x: Tensor) => [
    query(x),
    key(x),
    value(x),
  ]);
}
