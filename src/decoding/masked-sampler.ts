/**
 * Plain decoding of a masked model with a diffusion head (sheet mar, "Sampling"). Tokens, what steers
 * the denoiser and the noisy tokens stay on the device; noise goes in, and nothing comes out before
 * somebody asks for the picture.
 *
 * Axes: L tokens · N known · M cells of a step · T diffusion steps · C token channels · W width of the
 * denoiser
 */
import { branches } from "../conditioning/conditioning.ts";
import { ConfigError } from "../errors.ts";
import { guidanceAt, isGuided } from "../guidance/schedule.ts";
import type { Order } from "../orders/order.ts";
import { cellsOfStep, randomOrder, restOfOrder } from "../orders/random-order.ts";
import { slotRows } from "../predictors/masked-encoder-decoder.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile, type Feed } from "../runtime/function.ts";
import { DeviceState } from "../runtime/handle.ts";
import { tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import { LatentDecoder } from "./latent-decoder.ts";
import {
  type MaskedStepParts,
  traceDenoising,
  tracePlacing,
  tracePrediction,
} from "./masked-step.ts";
import {
  type KeptVectors,
  type PictureSampler,
  requireSettings,
  type SamplerOptions,
  type SamplingOptions,
  type SamplingStep,
} from "./picture-sampler.ts";
import {
  compileStep,
  constantsOf,
  type StepFunctions,
  type StepWeights,
} from "./step-functions.ts";

export interface MaskedModel extends Omit<MaskedStepParts, "matrices">, StepWeights {
  /** An order with as many steps as that of each picture, which is drawn from its seed. */
  readonly order: Order;
}

export interface MaskedSamplingOptions extends SamplingOptions {
  /** The order of the cells instead of one drawn from the seed, read from its end. */
  readonly permutation?: Int32Array;
  /**
   * Standard normal numbers instead of those of the seed, [M, C] with the cells in ascending order.
   *
   * @param draw 0 for what diffusion begins with, then 1 … T for its steps.
   */
  readonly noise?: (step: number, draw: number, count: number) => Float32Array;
}

export interface MaskedStep extends SamplingStep {
  /** The cells that the step predicted, ascending. */
  readonly cells: Int32Array;
  /** All tokens, [L, C]; those that are not known yet are 0. */
  tokens(): Promise<Float32Array>;
}

interface Functions extends StepFunctions {
  readonly denoise: CompiledFunction;
}

export class MaskedSampler implements PictureSampler {
  readonly #device: Device;
  readonly #model: MaskedModel;
  readonly #profile: string | undefined;
  readonly #tokens: { readonly count: number; readonly channels: number };
  readonly #place: CompiledFunction;
  readonly #functions = new Map<number, Promise<Functions>>();
  #decoder: Promise<LatentDecoder> | undefined;

  private constructor(
    device: Device,
    model: MaskedModel,
    place: CompiledFunction,
    { profile }: SamplerOptions,
  ) {
    this.#device = device;
    this.#model = model;
    this.#place = place;
    this.#profile = profile;
    this.#tokens = tokenSizes(model.tokenizer);
  }

  static async create(
    device: Device,
    model: MaskedModel,
    options: SamplerOptions = {},
  ): Promise<MaskedSampler> {
    const { outputs, stores } = tracePlacing(model);
    const place = await compile(device, "place", outputs, { stores });
    return new MaskedSampler(device, model, place, options);
  }

  async *run(options: MaskedSamplingOptions): AsyncGenerator<MaskedStep> {
    const { conditioning } = this.#model;
    const steps = this.#model.order.steps.length;
    requireMaskedSettings(options);
    const { count } = this.#tokens;
    const { permutation = random(options.seed, "order").permutation(count) } = options;
    const { kept } = options;
    const order = kept
      ? restOfOrder(permutation, steps, kept.keep)
      : randomOrder(permutation, steps);
    // steps that the kept tokens stand for are done
    const done = steps - order.steps.length;
    const counts = [...new Array<number>(done).fill(0), ...order.steps.map(({ count }) => count)];
    counts[0]! += count - counts.reduce((sum, own) => sum + own, 0);
    const guided = isGuided(options.guidance, steps);
    const requests = branches(conditioning, options.request, guided);
    const condition = conditioning.feeds(requests).feeds;
    const functions = await this.#compiled(requests.length);
    const state = new DeviceState();
    try {
      await this.#begin(state, kept);
      await functions.condition.run(condition, state);
      for (let k = done; k < steps; k++) {
        options.signal?.throwIfAborted();
        const { known, predicted: cells } = cellsOfStep(order, k - done);
        await functions.step.run(
          { ...condition, ...this.#cellFeeds(known, cells, requests.length) },
          state,
        );
        const scale = guidanceAt(options.guidance, k, steps, counts);
        const diffusion = { step: k, count: cells.length, guidance: scale, options };
        await this.#diffuse(functions.denoise, state, diffusion);
        const places = BigInt64Array.from(cells, BigInt);
        await this.#place.run({ places: { data: places, dims: [cells.length, 1] } }, state);
        yield {
          step: k,
          steps,
          cells,
          tokens: () => this.#read(state),
          picture: async () => (await this.#pixelDecoder()).picture(state),
          pixels: async () => (await this.#pixelDecoder()).pixels(state),
        };
      }
    } finally {
      state.dispose();
    }
  }

  async endProfiling(): Promise<void> {
    for (const functions of this.#functions.values()) {
      const { step, denoise } = await functions;
      step.endProfiling();
      denoise.endProfiling();
    }
    (await this.#decoder)?.endProfiling();
  }

  async close(): Promise<void> {
    for (const functions of this.#functions.values()) {
      const { condition, step, denoise } = await functions;
      for (const fn of [condition, step, denoise]) await fn.release();
    }
    this.#functions.clear();
    await this.#place.release();
    await (await this.#decoder)?.close();
  }

  /** Draws the tokens of a step out of noise; the state's `noisy` holds them afterwards. */
  async #diffuse(
    denoise: CompiledFunction,
    state: DeviceState,
    { step, count, guidance, options }: Diffusion,
  ): Promise<void> {
    const { channels } = this.#tokens;
    const size = count * channels;
    const own = random(options.seed, "diffusion", step);
    const { noise = () => own.normals(size) } = options;
    const dims = [1, count, channels];
    state.set("noisy", await this.#device.upload("float32", dims, noise(step, 0, size)));
    const total = this.#model.head.steps;
    const settings = {
      guidance: Float32Array.of(guidance),
      temperature: Float32Array.of(options.temperature),
    };
    for (let draw = 1; draw <= total; draw++) {
      options.signal?.throwIfAborted();
      const drawn = { data: noise(step, draw, size), dims };
      await denoise.run({ ...settings, time: Int32Array.of(total - draw), noise: drawn }, state);
    }
  }

  #cellFeeds(known: Int32Array, cells: Int32Array, batch: number): Record<string, Feed> {
    const sizes = {
      batch,
      known: known.length,
      count: this.#tokens.count,
      classSlots: this.#model.predictor.classSlots,
    };
    const rows = batch === 1 ? known : Int32Array.of(...known, ...known);
    return {
      known: { data: known, dims: [known.length] },
      cells: { data: cells, dims: [cells.length] },
      slots: slotRows(rows, sizes),
    };
  }

  /** Kept tokens in their places, 0 in the others. */
  async #begin(state: DeviceState, kept: KeptVectors | undefined): Promise<void> {
    const { count, channels } = this.#tokens;
    const tokens = new Float32Array(count * channels);
    for (let cell = 0; kept && cell < count; cell++) {
      const place = cell * channels;
      if (kept.keep[cell]) tokens.set(kept.tokens.subarray(place, place + channels), place);
    }
    state.set("tokens", await this.#device.upload("float32", [count, channels], tokens));
  }

  async #read(state: DeviceState): Promise<Float32Array> {
    const { data } = await this.#device.download(state.get("tokens")!);
    return (data as Float32Array).slice();
  }

  #pixelDecoder(): Promise<LatentDecoder> {
    const { tokenizer, parameters } = this.#model;
    this.#decoder ??= LatentDecoder.create(this.#device, tokenizer, parameters, this.#profile);
    return this.#decoder;
  }

  #compiled(rows: number): Promise<Functions> {
    const known = this.#functions.get(rows) ?? this.#compile(rows);
    this.#functions.set(rows, known);
    return known;
  }

  async #compile(rows: number): Promise<Functions> {
    const model = this.#model;
    const profile = this.#profile;
    const step = await compileStep(this.#device, tracePrediction(model, rows), model, {
      ...(profile && { profile }),
    });
    const { outputs, stores } = traceDenoising(model, rows);
    const denoise = await compile(this.#device, "denoise", outputs, {
      constants: constantsOf(model),
      mayNarrow: true,
      stores,
      ...(profile && { profile: `${profile}-denoise` }),
    });
    return { ...step, denoise };
  }
}

interface Diffusion {
  readonly step: number;
  readonly count: number;
  readonly guidance: number;
  readonly options: MaskedSamplingOptions;
}

/**
 * Nothing is chosen among candidates, so that top-k and top-p have no effect; without temperature
 * tokens are the means of their steps.
 *
 * @throws ConfigError for settings out of range, and for what only codes have.
 */
function requireMaskedSettings(options: MaskedSamplingOptions): void {
  const { temperature, smooth, given } = options;
  requireSettings({ ...options, temperature: temperature === 0 ? 1 : temperature });
  const asked = Object.entries({ smooth, given }).flatMap(([name, value]) => (value ? [name] : []));
  if (asked.length === 0) return;
  throw new ConfigError({
    where: "sampling",
    expected: "nothing that only codes have: the tokens of this model are vectors",
    got: asked.join(", "),
  });
}
