/** The terms of a tokenizer's loss that bring a network with them, checked before anything takes time. */
import { ConfigError, ShapeError } from "../errors.ts";
import { readPerceptualNetwork } from "../features/open-network.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import { type AdversaryOptions, requireJudgeable } from "../training/adversary.ts";
import type { PerceptualTerm } from "../training/picture-losses.ts";
import type { TrainingPlan } from "../training/plan.ts";
import { stepsOf } from "../training/schedules.ts";
import type { PerceptualRecipe, TrainingRecipe } from "./recipe.ts";

export interface LossTerms {
  readonly perceptual?: PerceptualTerm;
  readonly adversary?: AdversaryOptions;
}

/**
 * What the recipe's losses ask for; nothing for recipes of other kinds.
 *
 * @throws ConfigError if there is no network of that name, or if pictures are too small for a network;
 * CheckpointError if files do not fit.
 */
export async function lossTerms(
  recipe: TrainingRecipe,
  { steps }: Pick<TrainingPlan, "steps">,
): Promise<LossTerms> {
  if (recipe.kind !== "tokenizer") return {};
  const { perceptual, adversarial } = recipe.losses;
  const { size } = recipe.data;
  return {
    ...(perceptual && { perceptual: await perceptualTerm(perceptual, size) }),
    ...(adversarial && { adversary: adversaryOf(adversarial, size, steps) }),
  };
}

type Adversarial = NonNullable<
  Extract<TrainingRecipe, { kind: "tokenizer" }>["losses"]["adversarial"]
>;

function adversaryOf(
  { channels, layers, start, ...options }: Adversarial,
  size: number,
  steps: number,
): AdversaryOptions {
  const discriminator = { channels, layers };
  requireJudgeable({ width: size, height: size }, discriminator);
  return { ...options, discriminator, start: stepsOf(start, steps) };
}

async function perceptualTerm(
  { network, weight }: PerceptualRecipe,
  size: number,
): Promise<PerceptualTerm> {
  const parts = await readPerceptualNetwork(network);
  try {
    const pixels = input("pixels", "float32", [1, 3, size, size]);
    parts.distance(new Scope(), pixels, pixels);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const { expected } = error.facts;
    throw new ConfigError(
      {
        where: "losses.perceptual",
        expected: `pictures that are large enough for ${parts.name}`,
        got: `${size}x${size}, where ${error.facts.where} takes ${expected}`,
      },
      { cause: error },
    );
  }
  return { ...parts, weight };
}
