/**
 * The classifier whose features stand in for Inception's: a small residual network (metrics sheet,
 * "When no Inception weights are available").
 *
 * Group normalisation, because it needs no statistics of other pictures: a picture has the same
 * features alone and in a batch, in training and after it. Levels are halved by averaging, never by a
 * stride, so that noise and blur do not alias into each other before the network has seen them.
 *
 * Axes: B batch · H, W pixels · D features · K classes
 */
import { ConfigError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { reshape, transpose } from "../graph/ops/layout.ts";
import { mean } from "../graph/ops/reduce.ts";
import { resample } from "../graph/ops/resample.ts";
import { constant } from "../graph/ops/source.ts";
import { relu, silu } from "../graph/ops/unary.ts";
import { areaMatrix } from "../graph/resample-matrix.ts";
import { conv, groupNorm } from "../nn/conv.ts";
import { type Layer, layer, type Scope } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { residualBlock } from "../nn/residual-block.ts";
import type { ClassifierOutput } from "./classifier-output.ts";
import { requireHalves } from "./require-halves.ts";
import { whitening } from "./whitening.ts";

export interface SmallResnetOptions {
  /** Channels of each level; every level but the first has half the side of the one before. */
  readonly channels: readonly number[];
  /** Residual blocks of each level; the first may have none. */
  readonly blocks: readonly number[];
  /** Features, D. */
  readonly dimensions: number;
  /** Classes, K. */
  readonly classes: number;
  /** Groups of the group normalisations. */
  readonly groups: number;
}

/**
 * Classifies pixels [B, 3, H, W] in [−1, 1].
 *
 * @throws ConfigError if channels, blocks and groups do not fit together; ShapeError if a picture is
 * too small to be halved from level to level.
 */
export function smallResnet(
  scope: Scope,
  pixels: Tensor,
  options: SmallResnetOptions,
): ClassifierOutput {
  requireSizes(options);
  requireHalves("smallResnet", pixels, options.channels.length - 1);
  const { channels, blocks, dimensions, classes, groups } = options;
  const deepest = channels.at(-1)!;
  const parts = {
    convIn: conv({ inputs: 3, outputs: channels[0]!, init: whitening }),
    levels: channels.map((width, i) =>
      level({ inputs: channels[i - 1] ?? width, width, blocks: blocks[i]!, groups }),
    ),
    normOut: groupNorm(deepest, groups),
    convOut: conv({ inputs: deepest, outputs: dimensions }),
    logits: linear({ inputs: dimensions, outputs: classes, bias: false }),
  };
  const network = layer(parts, ({ convIn, levels, normOut, convOut, logits }, x: Tensor) => {
    const maps: Tensor[] = [];
    for (const [i, run] of levels.entries()) {
      maps.push(run(i === 0 ? convIn(x) : halved(maps[i - 1]!)));
    }
    const last = relu(convOut(silu(normOut(maps.at(-1)!))));
    const features = reshape(mean(last, 2, 3), [x.shape[0]!, dimensions]);
    return { maps, features, logits: logits(features) };
  });
  return network.bind(scope)(pixels);
}

interface LevelOptions {
  readonly inputs: number;
  readonly width: number;
  readonly blocks: number;
  readonly groups: number;
}

function level({ inputs, width, blocks, groups }: LevelOptions): Layer<[x: Tensor], Tensor> {
  const parts = {
    blocks: Array.from({ length: blocks }, (_, j) =>
      residualBlock(j === 0 ? inputs : width, width, groups),
    ),
  };
  return layer(parts, (bound, x) => bound.blocks.reduce((h, block) => block(h), x));
}

/** Means of 2 × 2 positions; of an odd side, some windows share a row. */
function halved(x: Tensor): Tensor {
  const [, , height, width] = x.shape as [number, number, number, number];
  return resample(x, halving(height), transpose(halving(width), [1, 0]));
}

function halving(side: number): Tensor {
  const half = Math.floor(side / 2);
  return constant(areaMatrix(side, half), [half, side]);
}

function requireSizes({ channels, blocks, groups }: SmallResnetOptions): void {
  const problems = [
    channels.length === 0 ? "no level" : "",
    channels.length === blocks.length
      ? ""
      : `channels for ${channels.length} levels and blocks for ${blocks.length}`,
    ...blocks.slice(1).map((count, i) => (count > 0 ? "" : `no block in level ${i + 1}`)),
    ...channels.map((width) =>
      width % groups === 0 ? "" : `${width} channels in ${groups} groups`,
    ),
  ].filter((problem) => problem !== "");
  if (problems.length === 0) return;
  throw new ConfigError({
    where: "smallResnet",
    expected: "levels with channels that the groups divide, and blocks in all but the first",
    got: problems.join("; "),
  });
}
