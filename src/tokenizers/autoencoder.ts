/**
 * The convolutional encoder and decoder of the tokenizers of VAR and LlamaGen (sheet var, "Encoder /
 * decoder"; sheet llamagen, "Tokenizer"), with sizes as options.
 *
 * Axes: B batch · C channels · H, W pixels or latent cells
 */
import { ConfigError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { depthToSpace, spaceToDepth } from "../graph/ops/pixel-shuffle.ts";
import { silu } from "../graph/ops/unary.ts";
import { conv, groupNorm, upsampleConv } from "../nn/conv.ts";
import { type Layer, layer } from "../nn/layer.ts";
import { attentionBlock, residualBlock } from "../nn/residual-block.ts";

export interface AutoencoderOptions {
  /** Channels of the finest level; `multipliers` multiply them per level, fine to coarse. */
  readonly channels: number;
  readonly multipliers: readonly number[];
  /** Residual blocks per level. */
  readonly encoderBlocks: number;
  readonly decoderBlocks: number;
  readonly latentChannels: number;
  /** Groups of the group normalisations. */
  readonly groups: number;
  /**
   * Pixels per side of the squares that are folded into channels before the first level, and
   * unfolded after the last; 1 in the released models. 2 makes small models four times cheaper.
   */
  readonly patchSize: number;
  /**
   * Attention after every block of the coarsest level and between the two middle ones, as in the
   * released models; `middle`: between those alone.
   */
  readonly attention: boolean | "middle";
  /** Queries, keys and values by a convolution each, as in LlamaGen's checkpoints. */
  readonly separateAttention?: boolean;
}

/** Path of the decoder's last weight, which makes the pixels, from the scope of any tokenizer. */
export const LAST_WEIGHT = "decoder.convOut.weight";

type Map = Layer<[x: Tensor], Tensor>;

/** Picture pixels per latent cell and side. */
export function downsampling({ multipliers, patchSize }: AutoencoderOptions): number {
  return patchSize * 2 ** (multipliers.length - 1);
}

function requireGroups({ channels, multipliers, groups }: AutoencoderOptions): void {
  const odd = multipliers.map((m) => m * channels).filter((width) => width % groups !== 0);
  if (odd.length === 0) return;
  throw new ConfigError({
    where: "autoencoder.groups",
    expected: `a divisor of the channels ${multipliers.map((m) => m * channels).join(", ")}`,
    got: String(groups),
  });
}

/** Pixels [B, 3, H, W] in [−1, 1] → features [B, latent, H / f, W / f]. */
export function encoder(options: AutoencoderOptions): Map {
  requireGroups(options);
  const { channels, multipliers, encoderBlocks, latentChannels, groups, patchSize } = options;
  const widths = multipliers.map((m) => m * channels);
  const deepest = widths.at(-1)!;
  const parts = {
    convIn: conv({ inputs: 3 * patchSize ** 2, outputs: channels }),
    levels: widths.map((width, i) =>
      level({
        inputs: widths[i - 1] ?? channels,
        width,
        blocks: encoderBlocks,
        options,
        coarsest: i === widths.length - 1,
        resize: i < widths.length - 1 ? { downsample: downsample(width) } : {},
      }),
    ),
    middle: middle(deepest, options),
    normOut: groupNorm(deepest, groups),
    convOut: conv({ inputs: deepest, outputs: latentChannels }),
  };
  return layer(parts, ({ convIn, levels, middle, normOut, convOut }, x) => {
    const features = levels.reduce((h, run) => run(h), convIn(spaceToDepth(x, patchSize)));
    return convOut(silu(normOut(middle(features))));
  });
}

/** Features [B, latent, H / f, W / f] → pixels [B, 3, H, W], not clamped. */
export function decoder(options: AutoencoderOptions): Map {
  requireGroups(options);
  const { channels, multipliers, decoderBlocks, latentChannels, groups, patchSize } = options;
  const widths = multipliers.map((m) => m * channels);
  const deepest = widths.at(-1)!;
  const parts = {
    convIn: conv({ inputs: latentChannels, outputs: deepest }),
    middle: middle(deepest, options),
    // numbered by level as in the encoder, run from the coarsest to the finest
    levels: widths.map((width, i) =>
      level({
        inputs: widths[i + 1] ?? deepest,
        width,
        blocks: decoderBlocks,
        options,
        coarsest: i === widths.length - 1,
        resize: i > 0 ? { upsample: upsampleConv(width) } : {},
      }),
    ),
    normOut: groupNorm(channels * multipliers[0]!, groups),
    convOut: conv({ inputs: channels * multipliers[0]!, outputs: 3 * patchSize ** 2 }),
  };
  return layer(parts, ({ convIn, middle, levels, normOut, convOut }, x) => {
    const features = levels.reduceRight((h, run) => run(h), middle(convIn(x)));
    return depthToSpace(convOut(silu(normOut(features))), patchSize);
  });
}

interface LevelOptions {
  readonly inputs: number;
  readonly width: number;
  readonly blocks: number;
  readonly options: AutoencoderOptions;
  readonly coarsest: boolean;
  readonly resize: Readonly<Record<string, Map>>;
}

function level({ inputs, width, blocks, options, coarsest, resize }: LevelOptions): Map {
  const { groups, attention } = options;
  const parts = {
    blocks: Array.from({ length: blocks }, (_, j) =>
      residualBlock(j === 0 ? inputs : width, width, groups),
    ),
    attentions: Array.from({ length: coarsest && attention === true ? blocks : 0 }, () =>
      mapAttention(width, options),
    ),
  };
  const body = layer(parts, (bound, x: Tensor) =>
    bound.blocks.reduce((h, block, j) => {
      const refined = block(h);
      return bound.attentions[j]?.(refined) ?? refined;
    }, x),
  );
  const steps = Object.entries(resize);
  return {
    bind: (scope) => {
      const run = body.bind(scope);
      const after = steps.map(([name, step]) => step.bind(scope.child(name)));
      return (x) => after.reduce((h, step) => step(h), run(x));
    },
  };
}

function mapAttention(width: number, { groups, separateAttention }: AutoencoderOptions): Map {
  return attentionBlock(width, groups, { separate: separateAttention ?? false });
}

function middle(width: number, options: AutoencoderOptions): Map {
  const { groups, attention } = options;
  const unchanged: Map = { bind: () => (x) => x };
  const parts = {
    block1: residualBlock(width, width, groups),
    attention: attention ? mapAttention(width, options) : unchanged,
    block2: residualBlock(width, width, groups),
  };
  return layer(parts, (bound, x) => bound.block2(bound.attention(bound.block1(x))));
}

/** A zero row below, a zero column on the right, and a 3×3 convolution with stride 2. */
function downsample(width: number): Map {
  const padding = { top: 0, left: 0, bottom: 1, right: 1 };
  return conv({ inputs: width, outputs: width, stride: 2, padding });
}
