/**
 * What a published system is: a name, a paper, sizes, and a composition of parts. The keys of a
 * composition come in the same order in every system, so that two systems can be compared by diff.
 */
import type { CachePolicy } from "../caches/policy.ts";
import type { Conditioning } from "../conditioning/conditioning.ts";
import type { Vocabulary } from "../conditioning/vocabulary.ts";
import type { GuidanceSchedule } from "../guidance/schedule.ts";
import type { Order } from "../orders/order.ts";
import type { AdaLnTransformerOptions } from "../predictors/adaln-transformer.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";

/** What lies beside the sizes in a model folder. */
export interface Resources {
  readonly vocabulary?: Vocabulary;
}

export interface Composition {
  /** What the parts are whose options do not say it, for the catalogue. */
  readonly kinds: {
    readonly tokenizer: "multi-scale-residual-vq";
    readonly predictor: "adaln-transformer";
  };
  readonly tokenizer: ScaleTokenizerOptions;
  readonly order: Order;
  readonly predictor: AdaLnTransformerOptions;
  readonly head: { readonly kind: "categorical"; readonly codebookSize: number };
  readonly conditioning: Conditioning;
  readonly guidance: GuidanceSchedule;
  readonly cache: CachePolicy;
  readonly decoding: { readonly topK: number; readonly topP: number; readonly temperature: number };
  readonly objective: {
    readonly kind: "teacher-forcing";
    /** How often the condition is replaced by the null branch. */
    readonly conditionDrop: number;
    /** Stochastic depth of the last block; earlier ones rise to it from 0. */
    readonly dropPath: number;
    /** Parts of parameter names that weight decay leaves alone. */
    readonly decayExempt: readonly string[];
  };
}

export interface System<Config, PresetName extends string = string> {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  readonly presets: Readonly<Record<PresetName, Config>>;
  /** @throws ConfigError naming every field that does not fit. */
  parse(parts: unknown, where: string): Config;
  compose(config: Config, resources: Resources): Composition;
}
