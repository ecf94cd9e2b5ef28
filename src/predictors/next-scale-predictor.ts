/**
 * What stands around VAR's transformer (sheet var, "Transformer"): input vectors, positions, levels
 * and the condition as first token. One binding serves training, where all steps run at once under
 * a mask, and sampling, where steps run one by one on a cache.
 *
 * Axes: B batch · L all tokens · S tokens of a call · K steps · C width · Z latent channels
 */
import type { Conditioning } from "../conditioning/conditioning.ts";
import type { Dim } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { add, minimum, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { constant } from "../graph/ops/source.ts";
import type { Scope } from "../nn/layer.ts";
import { linear } from "../nn/linear.ts";
import { levels, type Order } from "../orders/order.ts";
import { visibilityBias } from "../orders/visibility.ts";
import {
  type AdaLnTransformerOptions,
  adaLnTransformer,
  type TransformerCall,
  weightInit,
} from "./adaln-transformer.ts";

export interface NextScalePredictorOptions extends AdaLnTransformerOptions {
  readonly order: Order;
  readonly latentChannels: number;
  readonly conditioning: Conditioning;
}

/** One step's tokens, while sampling. */
export interface StepInputs {
  /** What the tokens are predicted from, [B, S, Z]; ignored at the first step. */
  readonly inputs: Tensor;
  /** 1 at the first step, whose one input is the condition itself; else 0. Rank 0. */
  readonly first: Tensor;
  /** Positions and step of the tokens, int32 [S]. */
  readonly positions: Tensor;
  readonly levels: Tensor;
}

export interface NextScalePredictor {
  condition(inputs: Readonly<Record<string, Tensor>>): Tensor;
  /** Teacher forcing: inputs of all steps but the first [B, L − 1, Z] → logits [B, L, V]. */
  all(inputs: Tensor, condition: Tensor, factors?: TransformerCall["factors"]): Tensor;
  /** One step on a cache: → logits [B, S, V]. */
  step(inputs: StepInputs, condition: Tensor, call: TransformerCall): Tensor;
}

export function nextScalePredictor(options: NextScalePredictorOptions): {
  bind(scope: Scope): NextScalePredictor;
} {
  const { order, width, latentChannels, conditioning } = options;
  const length = order.tokenCount;
  const first = order.steps[0]!.count;
  const init = weightInit(width);
  return {
    bind: (scope) => {
      const embed = linear({ inputs: latentChannels, outputs: width, init, exact: true }).bind(
        scope.child("wordEmbedding"),
      );
      const condition = conditioning.bind(scope.child("condition"));
      const start = scope.parameter("startPosition", { shape: [1, first, width], init });
      const places = scope.parameter("positions", { shape: [1, length, width], init });
      const stages = scope.parameter("levelEmbedding", {
        shape: [order.steps.length, width],
        init,
      });
      const run = adaLnTransformer(options).bind(scope);
      const opening = (c: Tensor, places = start): Tensor => {
        const [batch] = c.shape as [Dim];
        return add(reshape(c, [batch, 1, width]), places);
      };
      // rows of later steps are switched off; they only need to exist
      const startRows = (positions: Tensor): Tensor => {
        if (first === 1) return start;
        const last = constant(Int32Array.of(first - 1), []);
        return lookup(reshape(start, [first, width]), minimum(positions, last));
      };
      return {
        condition,
        all: (inputs, c, factors) => {
          // a lone step reads nothing but the condition
          const tokens = length === first ? opening(c) : concat([opening(c), embed(inputs)], 1);
          const ids = constant(levels(order), [length]);
          const place = add(places, reshape(lookup(stages, ids), [1, length, width]));
          const bias = constant(visibilityBias(order), [1, 1, length, length]);
          return run(add(tokens, place), c, {
            attended: () => ({ bias }),
            ...(factors && { factors }),
          });
        },
        step: (step, c, call) => {
          const table = reshape(places, [length, width]);
          const place = add(lookup(table, step.positions), lookup(stages, step.levels));
          const given = multiply(embed(step.inputs), subtract(1, step.first));
          const begun = opening(c, startRows(step.positions));
          const tokens = add(given, multiply(begun, step.first));
          return run(add(tokens, place), c, call);
        },
      };
    },
  };
}
