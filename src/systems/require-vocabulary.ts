import type { Vocabulary } from "../conditioning/vocabulary.ts";
import { ConfigError } from "../errors.ts";
import type { Resources } from "./system.ts";

/** @throws ConfigError if there is no vocabulary beside a model that draws from words. */
export function requireVocabulary(system: string, { vocabulary }: Resources): Vocabulary {
  if (vocabulary) return vocabulary;
  throw new ConfigError({
    where: `${system}.conditioning`,
    expected: "a vocabulary beside the model",
    got: "none",
  });
}
