/** What a run stands on, by which a resumed one knows whether it is still the same. */
import { createHash } from "node:crypto";
import { bytesOf } from "../graph/onnx/messages.ts";
import type { PerceptualTerm } from "../training/picture-losses.ts";
import type { TrainingRecipe } from "./recipe.ts";
import type { Run } from "./run.ts";
import type { LoadedTokenizer } from "./tokenizer-folder.ts";

export interface RunGrounds {
  readonly tokenizer: LoadedTokenizer | null;
  readonly perceptual: PerceptualTerm | undefined;
}

/** All settings of a run as JSON; what was trained before, and the data, as names with hashes. */
export function runSettings(
  recipe: TrainingRecipe,
  { plan, overfit, dataset }: Pick<Run, "plan" | "overfit" | "dataset">,
  { tokenizer, perceptual }: RunGrounds,
): string {
  return JSON.stringify({
    ...recipe,
    plan,
    card: undefined,
    overfit,
    examples: `${dataset.size} ${shortHash([JSON.stringify(dataset.examples)])}`,
    ...(tokenizer && { trainedTokenizer: shortHash(contentsOf(tokenizer.parameters)) }),
    ...(perceptual && { perceptual: networkIdentity(perceptual) }),
  });
}

/** A network and its very numbers. */
export function networkIdentity({
  name,
  constants,
}: Pick<PerceptualTerm, "name" | "constants">): string {
  return `${name} ${shortHash(contentsOf(constants))}`;
}

function* contentsOf(tensors: ReadonlyMap<string, Float32Array>): Generator<string | Uint8Array> {
  for (const [path, data] of tensors) {
    yield path;
    yield bytesOf(data);
  }
}

function shortHash(pieces: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex").slice(0, 16);
}
