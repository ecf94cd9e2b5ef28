/**
 * Conditioning on the features of a text encoder: a row of vectors in front of the tokens, padded on
 * the left (sheet llamagen, "Sequences").
 *
 * Axes: B batch · P rows · D features · C width
 */
import { ConfigError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { gelu } from "../graph/ops/unary.ts";
import { type Initializer, normal } from "../nn/initializers.ts";
import { layer } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import type { CaptionFeatures, Conditioning, Request } from "./conditioning.ts";

export interface CaptionOptions {
  /** P, rows of a caption. */
  readonly length: number;
  /** D, numbers per row. */
  readonly channels: number;
  readonly width: number;
  readonly init: Initializer;
}

export function captions({ length, channels, width, init }: CaptionOptions): Conditioning {
  const parts = {
    fc1: linear({ inputs: channels, outputs: width, bias: false, init }),
    fc2: linear({ inputs: width, outputs: width, bias: false, init }),
  };
  const projection = layer(parts, ({ fc1, fc2 }, x: Tensor) => fc2(gelu(fc1(x))));
  return {
    accepts: { kind: "features", channels },
    length,
    inputs: (batch) => ({
      captions: input("captions", "float32", [batch, length, channels]),
      captionValid: input("captionValid", "float32", [batch, length]),
      captionDropped: input("captionDropped", "float32", [batch, 1, 1]),
    }),
    bind: (scope) => {
      const project = projection.bind(scope.child("projection"));
      const nothing = scope.parameter("unconditional", {
        shape: [length, channels],
        init: normal(1 / Math.sqrt(channels)),
        fixed: true,
      });
      return ({ captions: features, captionDropped: dropped }) => {
        const own = multiply(features!, subtract(1, dropped!));
        return project(add(own, multiply(reshape(nothing, [1, length, channels]), dropped!)));
      };
    },
    valid: ({ captionValid }) => captionValid!,
    // the rows that a caption hides stay hidden in its null branch
    without: (request) =>
      request === null ? null : { ...requireFeatures(request, channels), dropped: true },
    feeds: (requests) => {
      const features = new Float32Array(requests.length * length * channels);
      const valid = new Float32Array(requests.length * length);
      const dropped = new Float32Array(requests.length);
      for (const [row, request] of requests.entries()) {
        const caption = request === null ? null : requireFeatures(request, channels);
        dropped[row] = caption === null || caption.dropped ? 1 : 0;
        const count = caption ? Math.min(length, caption.features.length / channels) : length;
        const end = (row + 1) * length;
        valid.fill(1, end - count, end);
        if (caption) {
          const kept = caption.features.subarray(0, count * channels);
          features.set(kept, (end - count) * channels);
        }
      }
      const batch = requests.length;
      return {
        feeds: {
          captions: { data: features, dims: [batch, length, channels] },
          captionValid: { data: valid, dims: [batch, length] },
          captionDropped: { data: dropped, dims: [batch, 1, 1] },
        },
        unknown: [],
      };
    },
  };
}

function requireFeatures(request: Request, channels: number): CaptionFeatures {
  const found = typeof request === "object" && request ? request : null;
  if (found && found.features.length % channels === 0) return found;
  throw new ConfigError({
    where: "caption",
    expected: `features of a text encoder, rows of ${channels} numbers`,
    got: found ? `${found.features.length} numbers` : JSON.stringify(request),
  });
}
