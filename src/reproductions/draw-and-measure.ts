/** Pictures of a model while it learns: how far they are from real ones, and how long they take. */
import type { FeatureNetwork } from "../features/feature-network.ts";
import { constant } from "../guidance/schedule.ts";
import type { Picture } from "../images/picture.ts";
import { frechetDistance } from "../metrics/frechet.ts";
import { type FeatureStatistics, Moments } from "../metrics/moments.ts";
import type { Device } from "../runtime/device.ts";
import { baseOf } from "../systems/bases.ts";
import type { Composition } from "../systems/system.ts";

/** Pictures that the network sees at once. */
const BATCH = 64;

/** The first pictures also fill caches and are not timed. */
const UNTIMED = 4;

/** Pictures that are kept to be looked at. */
const SHOWN = 32;

export interface Drawn {
  /** Frechet distance of the pictures' features to the reference. */
  readonly distance: number;
  /** Median time of a picture, in milliseconds. */
  readonly milliseconds: number;
  readonly pictures: readonly Picture[];
}

export interface DrawOptions {
  readonly composition: Composition;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly classes: number;
  readonly count: number;
  readonly seed: number;
  readonly network: FeatureNetwork;
  readonly reference: FeatureStatistics;
  readonly signal: AbortSignal;
}

/** Draws every class in turn, without guidance and from all tokens: the model's own distribution. */
export async function drawAndMeasure(
  device: Device,
  { composition, parameters, classes, count, seed, network, reference, signal }: DrawOptions,
): Promise<Drawn> {
  const model = { ...composition, parameters };
  const sampler = await baseOf(model).openSampler(device, model);
  const moments = new Moments(network.width);
  const times: number[] = [];
  const shown: Picture[] = [];
  let waiting: Picture[] = [];
  const measure = async () => {
    moments.add((await network.features(waiting)).features);
    waiting = [];
  };
  try {
    for (let i = 0; i < count; i++) {
      const began = performance.now();
      const steps = sampler.run({
        request: i % classes,
        seed: seed + i,
        guidance: constant(1),
        topK: 0,
        topP: 1,
        temperature: 1,
        signal,
      });
      for await (const step of steps) {
        if (step.step === step.steps - 1) waiting.push(await step.picture());
      }
      if (i >= UNTIMED) times.push(performance.now() - began);
      if (shown.length < SHOWN) shown.push(waiting.at(-1)!);
      if (waiting.length === BATCH) await measure();
    }
    if (waiting.length > 0) await measure();
  } finally {
    await sampler.close();
  }
  const milliseconds = times.sort((a, b) => a - b)[times.length >> 1]!;
  const { distance } = frechetDistance(moments.statistics(), reference);
  return { distance, milliseconds, pictures: shown };
}

/** Statistics of pictures in the network's features. */
export async function featureStatistics(
  network: FeatureNetwork,
  pictures: Iterable<Picture>,
): Promise<FeatureStatistics> {
  const moments = new Moments(network.width);
  let batch: Picture[] = [];
  for (const picture of pictures) {
    batch.push(picture);
    if (batch.length < BATCH) continue;
    moments.add((await network.features(batch)).features);
    batch = [];
  }
  if (batch.length > 0) moments.add((await network.features(batch)).features);
  return moments.statistics();
}
