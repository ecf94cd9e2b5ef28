/**
 * One step of masked decoding as two graphs: the predictor's vectors for the cells of the step, and a
 * diffusion step of the head, both on a state that stays on the device.
 *
 * Axes: R branches, conditional then unconditional · L tokens · N known · M cells of the step · C
 * token channels
 */
import type { Conditioning } from "../conditioning/conditioning.ts";
import { type Dim, namedDim } from "../graph/dim.ts";
import { add, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { lookup, replaceRows } from "../graph/ops/indexing.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { exp } from "../graph/ops/unary.ts";
import { slice } from "../graph/ops/window.ts";
import { guide } from "../heads/categorical.ts";
import {
  type Denoised,
  type DiffusionMlp,
  type DiffusionMlpOptions,
  diffusionMlp,
} from "../heads/diffusion-mlp.ts";
import { stepBack, timesAt } from "../heads/diffusion-process.ts";
import { cosineSchedule, respaced } from "../heads/diffusion-schedule.ts";
import { Scope } from "../nn/layer.ts";
import type { MatrixFormat } from "../nn/matrix-format.ts";
import {
  type MaskedEncoderDecoderOptions,
  maskedPredictor,
} from "../predictors/masked-encoder-decoder.ts";
import { type KlAutoencoderOptions, tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import type { StepGraph } from "./step-functions.ts";

export interface MaskedStepParts {
  readonly tokenizer: KlAutoencoderOptions;
  readonly predictor: MaskedEncoderDecoderOptions;
  readonly head: DiffusionHeadOptions;
  readonly conditioning: Conditioning;
  readonly matrices?: { readonly format: MatrixFormat };
}

export interface DiffusionHeadOptions extends Pick<DiffusionMlpOptions, "width" | "depth"> {
  /** Steps in which a token is drawn. */
  readonly steps: number;
  /**
   * The largest magnitude that is believed of a number of a token while it is drawn; unlimited unless
   * given, as released. The first step of the cosine schedule magnifies errors of the noise a
   * hundredfold and more, which only denoisers trained for long have small enough.
   */
  readonly clip?: number | undefined;
}

/** Named for the graph that serves all steps, numbers to count operations. */
export interface StepSizes {
  readonly known: Dim;
  readonly cells: Dim;
}

const N = namedDim("n");
const M = namedDim("m");

/**
 * Known tokens, out of `tokens` [L, C] in the state → what steers the denoiser of the step's cells,
 * `steering` [R, M, W] in the state.
 */
export function tracePrediction(
  parts: MaskedStepParts,
  rows: number,
  { known: n, cells: m }: StepSizes = { known: N, cells: M },
): StepGraph {
  const { predictor, conditioning } = parts;
  const tokens = tokenSizes(parts.tokenizer);
  const scope = new Scope("", undefined, parts.matrices?.format);
  const bound = maskedPredictor({ ...predictor, tokens, conditioning }).bind(scope);
  const known = input("known", "int32", [n]);
  const own = lookup(input("tokens", "float32", [tokens.count, tokens.channels]), known);
  const single = reshape(own, [1, n, tokens.channels]);
  const encoded = bound.encode(
    {
      tokens: rows === 1 ? single : concat([single, single], 0),
      cells: reshape(known, [1, n]),
    },
    bound.condition(conditioning.inputs(rows)),
  );
  const slots = input("slots", "int32", [rows, predictor.classSlots + tokens.count]);
  const hidden = bound.decodeCells(encoded, slots, input("cells", "int32", [m]));
  return {
    outputs: { "new steering": headOf(parts, scope).condition(hidden) },
    stores: new Map([["new steering", "steering"]]),
  };
}

/**
 * One diffusion step: `noisy` [1, M, C] and `steering` in the state → `noisy`. A graph of several steps
 * saves calls of the engine, but is compiled for longer than that, and packs the weights for each.
 */
export function traceDenoising(parts: MaskedStepParts, rows: number, cells: Dim = M): StepGraph {
  const { channels } = tokenSizes(parts.tokenizer);
  const schedule = respaced(cosineSchedule(), parts.head.steps);
  const head = headOf(parts, new Scope("", undefined, parts.matrices?.format));
  const noisy = input("noisy", "float32", [1, cells, channels]);
  const noise = input("noise", "float32", [1, cells, channels]);
  const steering = input("steering", "float32", [rows, cells, parts.head.width]);
  const time = input("time", "int32", [1]);
  const at = timesAt(schedule, time);
  const embedded = lookup(head.times(schedule.timesteps), time);
  const denoised = head.denoise(noisy, add(steering, embedded));
  const believed = rows === 2 ? guided(denoised) : denoised;
  const { mean, logVariance } = stepBack(noisy, believed, at, parts.head.clip);
  // the last step is its mean
  const share = multiply(input("temperature", "float32", []), subtract(1, at.first));
  const spread = multiply(exp(multiply(logVariance, 0.5)), share);
  return {
    outputs: { "new noisy": add(mean, multiply(spread, noise)) },
    stores: new Map([["new noisy", "noisy"]]),
  };
}

/** Puts the drawn tokens in their places: `noisy` [1, M, C] into `tokens` [L, C]. */
export function tracePlacing({ tokenizer }: MaskedStepParts): StepGraph {
  const { count, channels } = tokenSizes(tokenizer);
  const drawn = reshape(input("noisy", "float32", [1, M, channels]), [M, channels]);
  const tokens = input("tokens", "float32", [count, channels]);
  return {
    outputs: { "new tokens": replaceRows(tokens, input("places", "int64", [M, 1]), drawn) },
    stores: new Map([["new tokens", "tokens"]]),
  };
}

/** The head of a masked model, whose parameters lie under `head.`. */
export function headOf(
  { tokenizer, predictor, head }: Pick<MaskedStepParts, "tokenizer" | "predictor" | "head">,
  scope: Scope,
): DiffusionMlp {
  const { channels } = tokenSizes(tokenizer);
  const options = { ...head, channels, condition: predictor.width };
  return diffusionMlp(options).bind(scope.child("head"));
}

/** The noise is guided; the variance is the conditional branch's own. */
function guided({ noise, variance }: Denoised): Denoised {
  const [conditional, unconditional] = [slice(noise, 0, 0, 1), slice(noise, 0, 1, 2)];
  return {
    noise: guide(conditional, unconditional, input("guidance", "float32", [])),
    variance: slice(variance, 0, 0, 1),
  };
}
