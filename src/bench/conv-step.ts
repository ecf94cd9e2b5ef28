/**
 * A training step of a convolutional autoencoder: residual blocks of group normalisation, SiLU and
 * 3×3 convolutions, at full and at half size, squared error against its own input (ENGINE 4).
 */
import type { Tensor } from "../graph/node.ts";
import { subtract } from "../graph/ops/arithmetic.ts";
import { mean } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { silu, square } from "../graph/ops/unary.ts";
import { conv, groupNorm, upsampleConv } from "../nn/conv.ts";
import { type Layer, layer, Scope } from "../nn/layer.ts";
import { residualBlock } from "../nn/residual-block.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import type { TrainingGraph } from "../training/trainer.ts";
import { type TrainingWorkload, trainingWorkload } from "./training-workload.ts";
import type { BenchTarget, WorkloadOptions } from "./workload.ts";

export interface ConvStepSizes {
  readonly channels: number;
  readonly groups: number;
  /** Pixels per side. */
  readonly size: number;
  readonly batch: number;
  /** Residual blocks at half size. */
  readonly middle: number;
}

/** 1.8 M parameters. */
export const convStepSizes: ConvStepSizes = {
  channels: 128,
  groups: 32,
  size: 32,
  batch: 8,
  middle: 3,
};

export const convStep: BenchTarget = {
  name: "conv-step",
  summary: "one training step of a convolutional autoencoder of 1.8 M parameters",
  bars: { productRate: 0.75, peerSpeed: 0.85 },
  peer: { script: "conv_step.py" },
  open: (device, options) => openConvStep(device, convStepSizes, options),
};

export async function openConvStep(
  device: Device,
  sizes: ConvStepSizes,
  options: WorkloadOptions = {},
): Promise<TrainingWorkload> {
  const { batch, size } = sizes;
  const drawn = random(1, "conv-step").normals(batch * 3 * size * size);
  return trainingWorkload(device, convStepGraph(sizes), { pixels: drawn.map(Math.tanh) }, options);
}

export function convStepGraph(sizes: ConvStepSizes): TrainingGraph {
  const { batch, size } = sizes;
  const scope = new Scope();
  const pixels = input("pixels", "float32", [batch, 3, size, size]);
  const rebuilt = autoencoder(sizes).bind(scope)(pixels);
  const loss = mean(square(subtract(rebuilt, pixels)));
  return { name: "conv-step", scope, loss, metrics: {}, decayExempt: [] };
}

/** x [B, 3, H, W] → [B, 3, H, W]. */
function autoencoder({ channels, groups, middle }: ConvStepSizes): Layer<[x: Tensor], Tensor> {
  const same = { inputs: channels, outputs: channels };
  const block = () => residualBlock(channels, channels, groups);
  const parts = {
    convIn: conv({ inputs: 3, outputs: channels }),
    before: block(),
    down: conv({ ...same, stride: 2, padding: { top: 0, left: 0, bottom: 1, right: 1 } }),
    middle: Array.from({ length: middle }, block),
    up: upsampleConv(channels),
    after: block(),
    normOut: groupNorm(channels, groups),
    convOut: conv({ inputs: channels, outputs: 3 }),
  };
  return layer(parts, (bound, x) => {
    const small = bound.down(bound.before(bound.convIn(x)));
    const changed = bound.middle.reduce((h, run) => run(h), small);
    const large = bound.after(bound.up(changed));
    return bound.convOut(silu(bound.normOut(large)));
  });
}
