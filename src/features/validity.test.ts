/**
 * A short form of the metrics sheet's validity ladder with the shipped network, on drawn scenes; the
 * whole ladder is `bench/validity-ladder.ts`.
 */
import { afterAll, describe, expect, it } from "vitest";
import { blurred, collapsed, noisy, throughJpeg } from "../../test/pictures/damage.ts";
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

/** Every fourth class, eight pictures of each. */
const shown = [...sceneClasses.keys()].filter((label) => label % 4 === 0);
const count = 8 * shown.length;
/** All of these classes in turn, or only the first of them. */
const labelled = (name: string, classes = shown.length) =>
  Array.from({ length: count }, (_, i) => {
    const label = shown[i % classes]!;
    return { label, picture: drawScene(label, 64, random("validity", name, i)) };
  });
const scenes = (name: string, classes?: number): Picture[] =>
  labelled(name, classes).map(({ picture }) => picture);
const featuresOf = async (pictures: readonly Picture[]): Promise<Features> =>
  (await network.features(pictures)).features;
const distance = (a: Features, b: Features) =>
  frechetDistance(statisticsOf(a), statisticsOf(b)).distance;

const clean = scenes("samples");
const reference = await featuresOf(scenes("reference"));
const cleanFeatures = await featuresOf(clean);
const floor = distance(cleanFeatures, reference);

/** FD to the reference of sets that are worse and worse; the first is not damaged. */
function rising(sets: readonly Features[]): void {
  const distances = [floor, ...sets.map((set) => distance(set, reference))];
  for (const [i, value] of distances.slice(1).entries()) {
    expect(value).toBeGreaterThan(distances[i]!);
  }
}

async function featuresOfAll(sets: readonly (readonly Picture[])[]): Promise<Features[]> {
  const all: Features[] = [];
  for (const set of sets) all.push(await featuresOf(set));
  return all;
}

describe("the distance between sets under the shipped network", () => {
  it("is least between undamaged sets, and rises with noise", async () => {
    rising(await featuresOfAll([0.05, 0.1].map((sigma) => noisy(clean, sigma))));
  });

  it("rises with blur", async () => {
    rising(await featuresOfAll([await blurred(clean, 1), await blurred(clean, 2)]));
  });

  it("rises with compression", async () => {
    rising(await featuresOfAll([await throughJpeg(clean, 25), await throughJpeg(clean, 10)]));
  });

  it("rises with the share of classes that are missing", async () => {
    const present = [0.9, 0.5].map((share) => Math.round(share * shown.length));
    rising(await featuresOfAll(present.map((classes) => scenes("samples", classes))));
  });

  it("rises with the share of classes that are one picture over and over, while recall falls", async () => {
    const sets = await featuresOfAll(
      [0.3, 0.7].map((share) => collapsed(labelled("samples"), share)),
    );
    rising(sets);
    const [whole, some, few] = [cleanFeatures, ...sets].map(
      (set) => precisionRecall(set, reference).recall,
    );
    expect(some).toBeLessThan(whole!);
    expect(few).toBeLessThan(some!);
  });
});
