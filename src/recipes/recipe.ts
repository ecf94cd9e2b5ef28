/** What a training recipe says. Recipes are data: everything that shapes the result is in them. */

import type { SamplingDefaults } from "../checkpoints/model-config.ts";
import type { EpochAugmentOptions } from "../data/augment.ts";
import type { ExampleRule } from "../data/filter.ts";
import type { ClassifierNetwork } from "../features/classifier.ts";
import type { LpipsFiles } from "../features/lpips.ts";
import type { LlamaGenConfig } from "../systems/llamagen-config.ts";
import type { MarConfig } from "../systems/mar-config.ts";
import type { VarConfig } from "../systems/var-config.ts";
import type { ScaleTokenizerOptions } from "../tokenizers/scale-tokenizer.ts";
import type { QuantizerWeights, TokenizerOptions } from "../tokenizers/tokenizer.ts";
import type { TrainingPlan } from "../training/plan.ts";
import type { ReconstructionWeights } from "../training/reconstruction.ts";
import type { Extent } from "../training/schedules.ts";
import type { ClassRule } from "./picture-classes.ts";

export interface RecipeData {
  /** Only pictures below this folder of the data: `train`. */
  readonly folder?: string;
  /** Pixels per side. */
  readonly size: number;
  /** Examples that are left out. */
  readonly exclude: readonly ExampleRule[];
  readonly augment: EpochAugmentOptions;
}

/** What the model card says of data that the recipe is made for. */
export interface RecipeCard {
  /** What the model does; a sentence made from its sizes, if absent. */
  readonly summary?: string;
  readonly license: string;
  readonly dataset: string;
  readonly attribution: string;
  readonly limits: readonly string[];
  /** A prompt to try. */
  readonly example?: string;
}

interface CommonRecipe {
  readonly name: string;
  /** One line for the list of recipes. */
  readonly summary: string;
  readonly data: RecipeData;
  readonly plan: TrainingPlan;
  readonly card?: RecipeCard;
}

/** A distance by a network that is not trained, as a term of the loss. */
export interface PerceptualRecipe {
  /** A classifier: a shipped name, or the folder of one or of its run. Or the files of LPIPS. */
  readonly network: string | LpipsFiles;
  readonly weight: number;
}

/** A discriminator of patches that is trained against the tokenizer. */
export interface AdversarialRecipe {
  /** Of both sides' terms. */
  readonly weight: number;
  /** When both sides set in. */
  readonly start: Extent;
  /** Of the discriminator's first convolution, and how many of its convolutions halve. */
  readonly channels: number;
  readonly layers: number;
  /** The largest factor that balances the term with the other losses; without it, it is 1. */
  readonly adaptiveLimit?: number;
}

export interface TokenizerRecipe extends CommonRecipe {
  readonly kind: "tokenizer";
  readonly tokenizer: TokenizerOptions;
  readonly losses: ReconstructionWeights &
    QuantizerWeights & {
      /** Where tokens are vectors: of their distribution's distance from the standard normal one. */
      readonly divergence?: number;
      readonly perceptual?: PerceptualRecipe;
      readonly adversarial?: AdversarialRecipe;
    };
  /** Where tokens are codes. */
  readonly revival: { readonly every: number; readonly until: number; readonly threshold: number };
}

export interface ScaleTokenizerRecipe extends TokenizerRecipe {
  readonly tokenizer: ScaleTokenizerOptions;
}

/** A classifier, whose features distances between sets of pictures are measured with. */
export interface ClassifierRecipe extends CommonRecipe {
  readonly kind: "classifier";
  readonly data: RecipeData & {
    /** Pictures that are only measured with: those of a folder, or about a share of all. */
    readonly test: { readonly folder: string } | { readonly share: number };
    /** Class folders, unless there is a rule. */
    readonly classes?: ClassRule;
  };
  /** What the data are called in the names of metrics: `cifar10`. */
  readonly dataset: string;
  readonly network: ClassifierNetwork;
  /** How much of each label is spread evenly over all classes. */
  readonly smoothing: number;
  /** Procedural scenes of their own classes that every batch has beside its pictures. */
  readonly scenes?: { readonly perBatch: number };
}

/** Which words a picture is trained with; the shares are of 1, the rest is the whole text. */
export interface WordsRecipe {
  /** Rows of the vocabulary, and how many of them are for pieces of words. */
  readonly vocabulary: number;
  readonly pieces: number;
  readonly maxWords: number;
  /** A field of the metadata with further words, such as `keywords`. */
  readonly keywordField?: string;
  /** How often one of those stands for the text. */
  readonly keywordShare: number;
  /** How often single words of the text are left out. */
  readonly partShare: number;
}

/** The sizes of a system but those of its tokenizer, which come with its weights, and what it is asked. */
type SystemSizes<Config> = Omit<Config, "tokenizer" | "conditioning">;

interface CommonSystemRecipe extends CommonRecipe {
  readonly kind: "system";
  /** Words, or the class of each picture. */
  readonly conditioning:
    | { readonly kind: "words"; readonly words: WordsRecipe }
    | { readonly kind: "classes" };
  /** How often the condition is left out, so that guidance has its null branch. */
  readonly conditionDrop: number;
  readonly dropPath: number;
  readonly sampling: SamplingDefaults;
}

export interface VarRecipe extends CommonSystemRecipe {
  readonly system: "var";
  readonly sizes: SystemSizes<VarConfig>;
}

export interface LlamaGenRecipe extends CommonSystemRecipe {
  readonly system: "llamagen";
  readonly sizes: SystemSizes<LlamaGenConfig>;
  /** Shares of the input vectors' numbers and of the branches' that are dropped. */
  readonly tokenDropout: number;
  readonly branchDropout: number;
}

export interface MarRecipe extends CommonSystemRecipe {
  readonly system: "mar";
  readonly sizes: SystemSizes<MarConfig>;
  /** Shares of what attention weighs values with and of what branches compute that are dropped. */
  readonly attentionDropout: number;
  readonly branchDropout: number;
  /** Times and noises that each of the predictor's vectors is used with (the paper: 4). */
  readonly repeats: number;
}

export type SystemRecipe = VarRecipe | LlamaGenRecipe | MarRecipe;

export type TrainingRecipe = TokenizerRecipe | ClassifierRecipe | SystemRecipe;
