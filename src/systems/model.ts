/** A model that is ready to draw: a composition with its weights, on a device. */

import type { Request } from "../conditioning/conditioning.ts";
import { keepMasks, type PixelMask } from "../decoding/keep-mask.ts";
import type {
  GivenTokens,
  PictureSampler,
  SamplerOptions,
  SamplingOptions,
  SamplingStep,
} from "../decoding/picture-sampler.ts";
import { type GuidanceSchedule, withScale } from "../guidance/schedule.ts";
import type { Picture } from "../images/picture.ts";
import type { Recipe } from "../images/recipe.ts";
import type { Device } from "../runtime/device.ts";
import { narrowWord } from "../runtime/precision.ts";
import { baseOf } from "./bases.ts";
import { pasteKept } from "./paste-kept.ts";
import { PictureTokenizer, type Tokens } from "./picture-tokenizer.ts";
import type { Composition } from "./system.ts";
import { bytesOfWeights, type WeightFormat, type Weights } from "./weight-format.ts";

export interface ModelFacts {
  readonly name: string;
  readonly system: string;
  readonly title: string;
  readonly parameters: number;
  /** `sha256:…` of the weight file. */
  readonly weightHash: Promise<string>;
  /** Number format of the transformer's matrices. */
  readonly weights: WeightFormat;
  readonly ordoVersion: string;
  /** Of a class model, where the classes have names. */
  readonly classNames?: readonly string[];
}

/** What `generate` does unless told otherwise. */
export interface SamplingSettings {
  /** Final guidance scale s in u + s·(c − u); 1 is off. */
  readonly guidance: GuidanceSchedule;
  readonly topK: number;
  readonly topP: number;
  readonly temperature: number;
}

export interface GenerateOptions {
  readonly seed: number;
  /** Picture `index` equals the single picture of `seed + index`, in its recipe too. */
  readonly index?: number;
  readonly guidance?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly temperature?: number;
  /** Mix codes instead of drawing them: smoother to look at, never for measuring. */
  readonly smooth?: boolean;
  readonly signal?: AbortSignal;
}

export interface EditOptions extends GenerateOptions {
  /** Where the picture stays as it is. */
  readonly mask: PixelMask;
}

export interface ModelStep {
  readonly step: number;
  readonly steps: number;
  /** Codes of the step's tokens; absent where tokens are no codes. */
  readonly ids?: Int32Array;
  picture(): Promise<Picture>;
}

export interface Drawing {
  readonly picture: Picture;
  readonly recipe: Recipe;
}

export class Model {
  readonly facts: ModelFacts;
  readonly composition: Composition;
  readonly settings: SamplingSettings;
  readonly tokenizer: PictureTokenizer;
  /** Of its pictures, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** What it computes on. */
  readonly device: Device;
  readonly #weights: Weights;
  readonly #options: SamplerOptions;
  #sampler: Promise<PictureSampler> | undefined;

  constructor(
    device: Device,
    facts: ModelFacts,
    composition: Composition,
    weights: Weights,
    settings: SamplingSettings,
    options: SamplerOptions = {},
  ) {
    this.device = device;
    this.#options = options;
    this.#weights = weights;
    this.facts = facts;
    this.composition = composition;
    this.settings = settings;
    this.tokenizer = new PictureTokenizer(
      device,
      facts.name,
      composition.tokenizer,
      weights.parameters,
    );
    this.size = this.tokenizer.size;
  }

  /** Bytes of all weights in their formats, the tokenizer's included. */
  get weightBytes(): number {
    return bytesOfWeights(this.#weights);
  }

  /** Words of a request that the model has not learned. */
  unknownWords(request: Request): readonly string[] {
    return this.composition.conditioning.feeds([request]).unknown;
  }

  /**
   * Draws one picture, step by step; the last step's picture is the result.
   *
   * @throws ConfigError for a request the model cannot express; the signal's reason if it aborts.
   */
  async *steps(request: Request, options: GenerateOptions): AsyncGenerator<ModelStep> {
    yield* await this.#run(request, options);
  }

  /** Draws one picture. `onStep` may look at the picture as it grows. */
  async draw(
    request: Request,
    options: GenerateOptions,
    onStep?: (step: ModelStep) => Promise<void> | void,
  ): Promise<Drawing> {
    const picture = await last(await this.#run(request, options), onStep);
    return this.#drawing(picture, request, options);
  }

  /**
   * Draws anew where the mask does not keep (in- and out-painting, sheet var "Zero-shot"); the kept
   * pixels themselves are put back with a soft edge.
   *
   * @throws ConfigError if picture or mask do not have the model's size.
   */
  async edit(
    picture: Picture,
    request: Request,
    options: EditOptions,
    onStep?: (step: ModelStep) => Promise<void> | void,
  ): Promise<Drawing> {
    const tokens = await this.tokenize(picture);
    const given = this.#given(tokens, keepMasks(options.mask, this.tokenizer.maps));
    const drawn = await last(await this.#run(request, options, given), onStep);
    const drawing = await this.#drawing(pasteKept(drawn, picture, options.mask), request, options);
    return { ...drawing, recipe: { ...drawing.recipe, edited: true } };
  }

  /**
   * Predicts every token of a picture from those before it, for measuring: guided logits [S, V] of
   * each step, and what would have been drawn from them.
   *
   * @param ids the tokens of each step.
   * @throws ConfigError if the model predicts no codes.
   */
  async *predict(
    request: Request,
    ids: readonly Int32Array[],
    options: GenerateOptions,
  ): AsyncGenerator<{ readonly logits: Float32Array; readonly drawn: Int32Array }> {
    const given = ids.map((own) => ({ ids: own, keep: new Uint8Array(own.length).fill(1) }));
    for await (const { logits, drawn } of await this.#run(request, options, {
      given,
      logits: true,
    })) {
      yield { logits: logits!, drawn: drawn! };
    }
  }

  /** A picture through the tokenizer and back. @throws ConfigError if the size differs. */
  tokenize(picture: Picture): Promise<Tokens> {
    return this.tokenizer.tokenize(picture);
  }

  /** Writes the engine's profiles, if any were asked for. */
  async endProfiling(): Promise<void> {
    await (await this.#sampler)?.endProfiling();
  }

  async close(): Promise<void> {
    await (await this.#sampler)?.close();
    await this.tokenizer.close();
  }

  async #run(
    request: Request,
    options: GenerateOptions,
    more: Pick<SamplingOptions, "given" | "kept" | "logits"> = {},
  ): Promise<AsyncGenerator<SamplingStep>> {
    const { composition } = this;
    const model = { ...composition, ...this.#weights };
    this.#sampler ??= baseOf(model).openSampler(this.device, model, this.#options);
    const sampler = await this.#sampler;
    return sampler.run({
      ...this.#resolved(options),
      request,
      seed: seedOf(options),
      ...more,
      ...(options.smooth && { smooth: true }),
      ...(options.signal && { signal: options.signal }),
    });
  }

  #resolved(options: GenerateOptions): SamplingSettings {
    const { guidance, topK, topP, temperature } = this.settings;
    return {
      guidance: options.guidance === undefined ? guidance : withScale(guidance, options.guidance),
      topK: options.topK ?? topK,
      topP: options.topP ?? topP,
      temperature: options.temperature ?? temperature,
    };
  }

  async #drawing(picture: Picture, request: Request, options: GenerateOptions): Promise<Drawing> {
    const { guidance, topK, topP, temperature } = this.#resolved(options);
    const { weights } = this.facts;
    const final = "to" in guidance ? guidance.to : "scale" in guidance ? guidance.scale : undefined;
    const recipe: Recipe = {
      schemaVersion: 1,
      system: this.facts.system,
      model: this.facts.name,
      weightHash: await this.facts.weightHash,
      ...this.#asked(request),
      // a picture does not know in which run it was made, so that equal pictures are equal files
      seed: seedOf(options),
      index: 0,
      ...(final !== undefined && { guidance: final }),
      topK,
      topP,
      temperature,
      ...(options.smooth && { sampling: { smooth: true } }),
      steps: this.#stepSizes(),
      size: this.size,
      ordoVersion: this.facts.ordoVersion,
      device: [
        this.device.name,
        ...(weights === "fp32" ? [] : [weights]),
        ...(this.device.precision === "fp32" ? [] : [narrowWord]),
      ].join(" "),
    };
    return { picture, recipe };
  }

  /** What a sampler is given of a picture's tokens: vectors at once, codes step by step. */
  #given(
    { ids, vectors }: Tokens,
    keep: readonly Uint8Array[],
  ): Pick<SamplingOptions, "given" | "kept"> {
    if (vectors) return { kept: { tokens: vectors, keep: keep.at(-1)! } };
    return { given: this.#perStep(ids, keep) };
  }

  /** Tokens of all maps as those of each step. */
  #perStep(ids: readonly Int32Array[], keep: readonly Uint8Array[]): GivenTokens[] {
    const { steps, cells } = this.composition.order;
    const [allIds, allKeep] = [ids.flatMap((map) => [...map]), keep.flatMap((map) => [...map])];
    return steps.map(({ start, count }) => {
      const at = Array.from({ length: count }, (_, i) => cells?.[start + i] ?? start + i);
      return {
        ids: Int32Array.from(at, (cell) => allIds[cell]!),
        keep: Uint8Array.from(at, (cell) => allKeep[cell]!),
      };
    });
  }

  /** Sizes of the maps, where each step makes one; else how many tokens each step makes. */
  #stepSizes(): Recipe["steps"] {
    const { maps } = this.tokenizer;
    const { steps } = this.composition.order;
    if (maps.length < steps.length) return steps.map(({ count }) => count);
    return maps.map(({ height, width }) => (height === width ? height : `${height}x${width}`));
  }

  #asked(request: Request): Pick<Recipe, "prompt" | "classLabel"> {
    if (request === null) return {};
    const { accepts } = this.composition.conditioning;
    if (accepts.kind === "words") return { prompt: String(request) };
    return { classLabel: this.facts.classNames?.[Number(request)] ?? String(request) };
  }
}

function seedOf({ seed, index = 0 }: GenerateOptions): number {
  return seed + index;
}

async function last(
  steps: AsyncIterable<ModelStep>,
  onStep?: (step: ModelStep) => Promise<void> | void,
): Promise<Picture> {
  let picture: Picture | undefined;
  for await (const step of steps) {
    await onStep?.(step);
    if (step.step === step.steps - 1) picture = await step.picture();
  }
  return picture!;
}
