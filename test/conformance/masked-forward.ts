/**
 * A model as training sees it: all positions at once under the order's mask, from the tokens
 * themselves. The yardstick of everything that decodes step by step.
 */
import type { Request } from "../../src/conditioning/conditioning.ts";
import type { Tensor } from "../../src/graph/node.ts";
import { add } from "../../src/graph/ops/arithmetic.ts";
import { input } from "../../src/graph/ops/source.ts";
import { Scope } from "../../src/nn/layer.ts";
import { nextScalePredictor } from "../../src/predictors/next-scale-predictor.ts";
import { nextTokenPredictor } from "../../src/predictors/next-token-predictor.ts";
import type { Device } from "../../src/runtime/device.ts";
import { compile } from "../../src/runtime/function.ts";
import type { NextScaleComposition, NextTokenComposition } from "../../src/systems/system.ts";
import type { ResidualScaleVq } from "../../src/tokenizers/residual-scale-vq.ts";
import { scaleTokenizer } from "../../src/tokenizers/scale-tokenizer.ts";
import { teacherForcingInputs } from "../../src/tokenizers/token-inputs.ts";
import type { CodeComposition } from "./tiny-systems.ts";

export interface MaskedForward {
  /** Logits of every position, [L, V], for ids of every step. */
  logits(request: Request, ids: readonly Int32Array[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Logits [1, L, V], and what the ids of all steps are as the graph's inputs. */
interface Trace {
  readonly logits: Tensor;
  feeds(ids: readonly Int32Array[]): Record<string, Int32Array>;
}

export async function maskedForward(
  device: Device,
  composition: CodeComposition,
  parameters: ReadonlyMap<string, Float32Array>,
): Promise<MaskedForward> {
  const { conditioning } = composition;
  const { logits, feeds } =
    composition.base === "next-scale" ? traceScales(composition) : traceTokens(composition);
  const fn = await compile(device, "masked", { logits }, { constants: parameters });
  return {
    logits: async (request, ids) => {
      const results = await fn.run({ ...feeds(ids), ...conditioning.feeds([request]).feeds });
      return results.logits!.data as Float32Array;
    },
    close: () => fn.release(),
  };
}

function traceScales(composition: NextScaleComposition): Trace {
  const { tokenizer, order, predictor, conditioning } = composition;
  const { latentChannels, scales } = tokenizer;
  const { quantizer } = scaleTokenizer(tokenizer).bind(new Scope().child("tokenizer"));
  const ids = scales.map(({ height, width }, k) => input(`ids${k}`, "int32", [1, height * width]));
  const inputs = teacherForcingInputs(quantizer, reconstructionsOf(quantizer, ids));
  const bound = nextScalePredictor({ ...predictor, order, latentChannels, conditioning }).bind(
    new Scope(),
  );
  return {
    logits: bound.all(inputs, bound.condition(conditioning.inputs(1))),
    feeds: (given) => Object.fromEntries(given.map((data, k) => [`ids${k}`, data])),
  };
}

function traceTokens(composition: NextTokenComposition): Trace {
  const { tokenizer, order, predictor, conditioning } = composition;
  const { grid } = tokenizer;
  const bound = nextTokenPredictor({ ...predictor, order, grid, conditioning }).bind(new Scope());
  const read = input("read", "int32", [1, order.tokenCount - 1]);
  return {
    logits: bound.all(read, conditioning.inputs(1)),
    feeds: (given) => ({
      read: Int32Array.from(given.flatMap((ids) => [...ids])).subarray(0, order.tokenCount - 1),
    }),
  };
}

/** The accumulated feature after each scale. */
export function reconstructionsOf(quantizer: ResidualScaleVq, ids: readonly Tensor[]): Tensor[] {
  const sums: Tensor[] = [];
  for (const [k, own] of ids.entries()) {
    const step = quantizer.refine(quantizer.codes(own, k), k);
    sums.push(k === 0 ? step : add(sums[k - 1]!, step));
  }
  return sums;
}
