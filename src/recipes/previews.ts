/** What the previews of a system show: some pictures of the data set, drawn from their words. */
import type { Request } from "../conditioning/conditioning.ts";
import type { Dataset } from "../data/dataset.ts";
import type { Example } from "../data/example.ts";
import { withScale } from "../guidance/schedule.ts";
import type { Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { baseOf } from "../systems/bases.ts";
import type { Composition } from "../systems/system.ts";
import type { Preview } from "../training/task.ts";
import type { SystemRecipe } from "./recipe.ts";
import { textOf } from "./request-words.ts";
import { FIXED_SEED, PREVIEWS } from "./run.ts";

/** Examples whose names the previews draw. */
export function chosen(examples: readonly Example[]): Example[] {
  const order = random(FIXED_SEED, "preview").permutation(examples.length);
  return [...order].slice(0, PREVIEWS).map((i) => examples[i]!);
}

/** Words of a picture, or its class: what to ask the model for first. */
export function exampleOf({ conditioning }: SystemRecipe, dataset: Dataset): string {
  const broken = new Set(dataset.skipped().map(({ file }) => file));
  const whole = dataset.examples.filter(({ file }) => !broken.has(file));
  const names = chosen(whole).map((example) =>
    conditioning.kind === "words" ? textOf(example) : (example.label ?? ""),
  );
  return names.find((name) => name.trim()) ?? "";
}

export interface PreviewFacts {
  readonly composition: Composition;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly sampling: SystemRecipe["sampling"];
  readonly requests: readonly Request[];
}

export async function drawPreview(
  device: Device,
  { composition, parameters, sampling, requests }: PreviewFacts,
): Promise<Preview> {
  const model = { ...composition, parameters };
  const sampler = await baseOf(model).openSampler(device, model);
  const { guidance, topK, topP, temperature } = { ...composition.decoding, ...sampling };
  const pictures: Picture[] = [];
  for (const request of requests) {
    const steps = sampler.run({
      request,
      seed: 0,
      guidance: withScale(composition.guidance, guidance ?? 1.5),
      topK: topK ?? 0,
      topP: topP ?? 1,
      temperature: temperature ?? 1,
    });
    for await (const step of steps) {
      if (step.step === step.steps - 1) pictures.push(await step.picture());
    }
  }
  await sampler.close();
  return { pictures, columns: 8 };
}
