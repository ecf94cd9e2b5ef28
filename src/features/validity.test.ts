/**
 * A short form of the metrics sheet's validity ladder with the shipped network, on drawn scenes; the
 * whole ladder is `bench/validity-ladder.ts`.
 */
import { afterAll, describe, expect, it } from "vitest";
import { blurred, duplicated, noisy, throughJpeg } from "../../test/pictures/damage.ts";
import type { Picture } from "../images/picture.ts";
import type { Features } from "../metrics/features.ts";
import { frechetDistance } from "../metrics/frechet.ts";
import { statisticsOf } from "../metrics/moments.ts";
import { precisionRecall } from "../metrics/precision-recall.ts";
import { drawScene, sceneClasses } from "../procedural/scenes.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { openFeatureNetwork } from "./open-network.ts";

const device = await openDevice("cpu");
const network = await openFeatureNetwork(device, "emoji-scenes");
afterAll(() => network.close());

const count = 2 * sceneClasses.length;
/** All classes in turn, or only the first of them. */
const scenes = (name: string, classes = sceneClasses.length): Picture[] =>
  Array.from({ length: count }, (_, i) => drawScene(i % classes, 64, random("validity", name, i)));
const featuresOf = async (pictures: readonly Picture[]): Promise<Features> =>
  (await network.features(pictures)).features;
const distance = (a: Features, b: Features) =>
  frechetDistance(statisticsOf(a), statisticsOf(b)).distance;

const clean = scenes("samples");
const reference = await featuresOf(scenes("reference"));
const floor = distance(await featuresOf(clean), reference);

/** FD to the reference of sets that are worse and worse; the first is not damaged. */
async function rising(sets: readonly (readonly Picture[])[]): Promise<void> {
  const distances = [floor];
  for (const set of sets) distances.push(distance(await featuresOf(set), reference));
  for (const [i, value] of distances.slice(1).entries()) {
    expect(value).toBeGreaterThan(distances[i]!);
  }
}

describe("the distance between sets under the shipped network", () => {
  it("is least between undamaged sets, and rises with noise", () =>
    rising([0.05, 0.1].map((sigma) => noisy(clean, sigma))));

  it("rises with blur", async () => rising([await blurred(clean, 1), await blurred(clean, 2)]));

  it("rises with compression", async () =>
    rising([await throughJpeg(clean, 25), await throughJpeg(clean, 10)]));

  it("rises with the share of classes that are missing", () =>
    rising([0.9, 0.5].map((share) => scenes("samples", Math.round(share * sceneClasses.length)))));

  it("rises with duplicates, while recall falls", async () => {
    const sets = [0.3, 0.7].map((share) => duplicated(clean, share));
    await rising(sets);
    const recalls: number[] = [];
    for (const set of [clean, ...sets]) {
      recalls.push(precisionRecall(await featuresOf(set), reference).recall);
    }
    expect(recalls[1]).toBeLessThan(recalls[0]!);
    expect(recalls[2]).toBeLessThan(recalls[1]!);
  });
});
