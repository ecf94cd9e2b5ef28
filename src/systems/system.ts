/**
 * What a published system is: a name, a paper, sizes, and a composition of parts. Compositions stand
 * on one of a few bases, which fit together different kinds of parts; the keys come in the same order
 * in every system, so that two systems can be compared by diff.
 */
import type { CachePolicy } from "../caches/policy.ts";
import type { Conditioning } from "../conditioning/conditioning.ts";
import type { Vocabulary } from "../conditioning/vocabulary.ts";
import type { DiffusionHeadOptions } from "../decoding/masked-step.ts";
import type { GuidanceSchedule } from "../guidance/schedule.ts";
import type { MaskRatios } from "../objectives/masking.ts";
import type { Order } from "../orders/order.ts";
import type { AdaLnTransformerOptions } from "../predictors/adaln-transformer.ts";
import type { LlamaTransformerOptions } from "../predictors/llama-transformer.ts";
import type { MaskedEncoderDecoderOptions } from "../predictors/masked-encoder-decoder.ts";
import type { KlAutoencoderOptions } from "../tokenizers/kl-autoencoder.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import type { VqTokenizerOptions } from "../tokenizers/vq-tokenizer.ts";

/** What lies beside the sizes in a model folder. */
export interface Resources {
  readonly vocabulary?: Vocabulary;
}

/** What compositions on all bases have. */
interface CommonComposition {
  readonly order: Order;
  readonly conditioning: Conditioning;
  readonly guidance: GuidanceSchedule;
  readonly cache: CachePolicy;
  readonly decoding: { readonly topK: number; readonly topP: number; readonly temperature: number };
}

interface TeacherForcing {
  readonly kind: "teacher-forcing";
  /** How often the condition is replaced by the null branch. */
  readonly conditionDrop: number;
  /** Stochastic depth of the last block; earlier ones rise to it from 0. */
  readonly dropPath: number;
  /** Parts of parameter names that weight decay leaves alone. */
  readonly decayExempt: readonly string[];
}

/** Token maps, coarse to fine, each predicted at once from what the coarser ones rebuild. */
export interface NextScaleComposition extends CommonComposition {
  readonly base: "next-scale";
  /** What the parts are whose options do not say it, for the catalogue. */
  readonly kinds: {
    readonly tokenizer: "multi-scale-residual-vq";
    readonly predictor: "adaln-transformer";
  };
  readonly tokenizer: ScaleTokenizerOptions;
  readonly predictor: AdaLnTransformerOptions;
  readonly head: { readonly kind: "categorical"; readonly codebookSize: number };
  readonly objective: TeacherForcing;
}

/** One grid of tokens, one after the other, each read by the next. */
export interface NextTokenComposition extends CommonComposition {
  readonly base: "next-token";
  readonly kinds: { readonly tokenizer: "vq"; readonly predictor: "llama-transformer" };
  readonly tokenizer: VqTokenizerOptions;
  readonly predictor: LlamaTransformerOptions;
  readonly head: { readonly kind: "categorical"; readonly codebookSize: number };
  readonly objective: TeacherForcing & {
    /** Share of the input vectors' numbers that are dropped, and of each branch's. */
    readonly tokenDropout: number;
    readonly branchDropout: number;
  };
}

/** Sets of tokens in random order, each a vector that is drawn by a diffusion of its own. */
export interface MaskedComposition extends CommonComposition {
  readonly base: "masked";
  readonly kinds: { readonly tokenizer: "vae"; readonly predictor: "masked-encoder-decoder" };
  readonly tokenizer: KlAutoencoderOptions;
  readonly predictor: MaskedEncoderDecoderOptions;
  readonly head: DiffusionHeadOptions & { readonly kind: "diffusion" };
  readonly objective: {
    readonly kind: "masked-diffusion";
    readonly conditionDrop: number;
    readonly maskRatios: MaskRatios;
    /** Times and noises that each vector of the predictor is used with. */
    readonly repeats: number;
    /** Share of what attention weighs values with that is dropped, and of what branches compute. */
    readonly attentionDropout: number;
    readonly branchDropout: number;
    readonly decayExempt: readonly string[];
  };
}

export type Composition = NextScaleComposition | NextTokenComposition | MaskedComposition;

export interface System<
  Config,
  PresetName extends string = string,
  Composed extends Composition = Composition,
> {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  readonly presets: Readonly<Record<PresetName, Config>>;
  /** @throws ConfigError naming every field that does not fit. */
  parse(parts: unknown, where: string): Config;
  compose(config: Config, resources: Resources): Composed;
}
