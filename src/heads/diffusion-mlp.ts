/**
 * MAR's per-token denoiser (sheet mar, "Denoising MLP"): from a noisy token, the time and the vector
 * that the predictor gives, it estimates the noise and how wide the step back is.
 *
 * Axes: N tokens · C token channels · D width of the predictor · W width of the MLP
 */
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { chunk } from "../graph/ops/layout.ts";
import { layerNorm as plainNorm } from "../graph/ops/norm.ts";
import { constant } from "../graph/ops/source.ts";
import { silu } from "../graph/ops/unary.ts";
import { modulate } from "../nn/adaln-block.ts";
import { type Initializer, normal, xavier, zero } from "../nn/initializers.ts";
import { type Layer, layer, type Scope } from "../nn/layer.ts";
import { layerNorm } from "../nn/layer-norm.ts";
import { linear } from "../nn/linear.ts";

export interface DiffusionMlpOptions {
  /** C */
  readonly channels: number;
  /** D */
  readonly condition: number;
  readonly width: number;
  readonly depth: number;
}

/** What the denoiser says of a step, both [..., C]. */
export interface Denoised {
  readonly noise: Tensor;
  /** −1 for the least variance that the step can have, 1 for the most. */
  readonly variance: Tensor;
}

export interface DiffusionMlp {
  /** The predictor's vectors [..., D] → [..., W]: the same at every time. */
  condition(hidden: Tensor): Tensor;
  /** Embeddings of times, a constant table: → [T, W]. */
  times(timesteps: Int32Array): Tensor;
  /** Noisy tokens [..., C], and the sum of time and condition [..., W]. */
  denoise(noisy: Tensor, steering: Tensor): Denoised;
}

/** Length of the sinusoids that times become. */
const SINUSOIDS = 256;

export function diffusionMlp(options: DiffusionMlpOptions): { bind(scope: Scope): DiffusionMlp } {
  const { channels, condition, width, depth } = options;
  const map = (inputs: number, outputs: number, init: Initializer = xavier) =>
    linear({ inputs, outputs, init });
  const timeParts = {
    fc1: map(SINUSOIDS, width, normal(0.02)),
    fc2: map(width, width, normal(0.02)),
  };
  const time = layer(timeParts, ({ fc1, fc2 }, x: Tensor) => fc2(silu(fc1(x))));
  const block = residualBlock(width);
  const last = finalLayer(width, channels);
  return {
    bind: (scope) => {
      const timeEmbedding = time.bind(scope.child("time"));
      const project = map(condition, width).bind(scope.child("condition"));
      const embed = linear({ inputs: channels, outputs: width, init: xavier, exact: true }).bind(
        scope.child("input"),
      );
      const list = scope.child("blocks");
      const blocks = Array.from({ length: depth }, (_, i) => block.bind(list.child(String(i))));
      const finish = last.bind(scope.child("output"));
      return {
        condition: project,
        times: (timesteps) => timeEmbedding(sinusoids(timesteps)),
        denoise: (noisy, steering) => {
          const steer = silu(steering);
          const x = blocks.reduce((h, run) => run(h, steer), embed(noisy));
          const [noise, variance] = inParts(finish(x, steer), 2) as [Tensor, Tensor];
          return { noise, variance };
        },
      };
    },
  };
}

/** Equal parts of the last axis. */
function inParts(x: Tensor, count: number): readonly Tensor[] {
  return chunk(x, count, x.shape.length - 1);
}

type Steered = Layer<[x: Tensor, steer: Tensor], Tensor>;

/** x + gate ⊙ MLP(LN(x) ⊙ (1 + scale) + shift), in the order shift, scale, gate. */
function residualBlock(width: number): Steered {
  const parts = {
    norm: layerNorm(width),
    modulation: linear({ inputs: width, outputs: 3 * width, init: zero }),
    fc1: linear({ inputs: width, outputs: width, init: xavier }),
    fc2: linear({ inputs: width, outputs: width, init: xavier }),
  };
  return layer(parts, ({ norm, modulation, fc1, fc2 }, x, steer) => {
    const [shift, scale, gate] = inParts(modulation(steer), 3) as [Tensor, Tensor, Tensor];
    return add(x, multiply(gate, fc2(silu(fc1(modulate(norm(x), scale, shift))))));
  });
}

function finalLayer(width: number, channels: number): Steered {
  const parts = {
    modulation: linear({ inputs: width, outputs: 2 * width, init: zero }),
    // a small share of the weights, and the nearest to what is drawn
    linear: linear({ inputs: width, outputs: 2 * channels, init: zero, exact: true }),
  };
  return layer(parts, ({ modulation, linear }, x, steer) => {
    const [shift, scale] = inParts(modulation(steer), 2) as [Tensor, Tensor];
    return linear(modulate(plainNorm(x), scale, shift));
  });
}

/** [cos | sin] of t·10000^(−k / 128), k = 0 … 127: [T, 256]. */
function sinusoids(timesteps: Int32Array): Tensor {
  const half = SINUSOIDS / 2;
  const values = new Float32Array(timesteps.length * SINUSOIDS);
  timesteps.forEach((t, row) => {
    for (let k = 0; k < half; k++) {
      const angle = t * Math.exp((-Math.log(10_000) * k) / half);
      values[row * SINUSOIDS + k] = Math.cos(angle);
      values[row * SINUSOIDS + half + k] = Math.sin(angle);
    }
  });
  return constant(values, [timesteps.length, SINUSOIDS]);
}
