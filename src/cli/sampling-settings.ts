import type { GenerateOptions } from "../systems/model.ts";

/** How tokens are drawn, as flags or a recipe give it. */
export interface SamplingFlags {
  readonly guidance: number | undefined;
  readonly topK: number | undefined;
  readonly topP: number | undefined;
  readonly temperature: number | undefined;
  readonly smooth: boolean;
}

/** Flags win over the recipe; what neither says is left to the model. */
export function samplingSettings(
  flags: SamplingFlags,
  recipe?: SamplingFlags,
): Omit<GenerateOptions, "seed"> {
  const guidance = flags.guidance ?? recipe?.guidance;
  const topK = flags.topK ?? recipe?.topK;
  const topP = flags.topP ?? recipe?.topP;
  const temperature = flags.temperature ?? recipe?.temperature;
  return {
    ...(guidance !== undefined && { guidance }),
    ...(topK !== undefined && { topK }),
    ...(topP !== undefined && { topP }),
    ...(temperature !== undefined && { temperature }),
    smooth: flags.smooth || (recipe?.smooth ?? false),
  };
}
