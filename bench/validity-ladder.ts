/**
 * The validity ladder of the metrics sheet: damages real pictures step by step and shows how each
 * metric moves. Writes results/validity/<data>.json and docs/media/validity-<data>*.{svg,png}; ends
 * with exit code 1 if a distance does not rise where it must, or recall is no less at the end.
 *
 *   npx tsx bench/validity-ladder.ts cifar10.zip runs/cifar-classifier [pictures]
 *   npx tsx bench/validity-ladder.ts scenes emoji-scenes [pictures]
 */
import { mkdir, writeFile } from "node:fs/promises";
import { resolveModel } from "../src/checkpoints/resolve-model.ts";
import { cacheDataset } from "../src/data/cache.ts";
import { openDataset } from "../src/data/dataset.ts";
import { classifierDistance } from "../src/features/classifier-distance.ts";
import { readClassifier } from "../src/features/classifier-folder.ts";
import { classifierNetwork } from "../src/features/classifier-network.ts";
import { pairNetwork } from "../src/features/pair-network.ts";
import { bootstrapInterval } from "../src/metrics/bootstrap.ts";
import { type Features, takeRows } from "../src/metrics/features.ts";
import { drawScene, sceneClasses } from "../src/procedural/scenes.ts";
import { random } from "../src/random/random.ts";
import { openDevice } from "../src/runtime/device.ts";
import { type CountedDistance, plotByCount, plotLadder } from "./validity/plots.ts";
import {
  distance,
  type LabelledPicture,
  measureRung,
  type RungMeasure,
  rungsOf,
} from "./validity/rungs.ts";

const SCENES = 10_000;

const [data = "", folder = "", wanted = "2500"] = process.argv.slice(2);
const count = Number(wanted);

const device = await openDevice("cpu");
const classifier = await readClassifier(await resolveModel(folder));
const features = await classifierNetwork(device, classifier);
const perceptual = pairNetwork(device, classifierDistance(classifier));
const { dataset: name, testAccuracy, sizes } = classifier.config;

// pictures that the classifier was not trained on, half as reference and half as samples
const pictures = await (data === "scenes" ? scenes(sizes.side) : testPictures(data, sizes.side));
const half = pictures.length >> 1;
const pool = pictures.slice(half);
const reference = (await features.features(picturesOf(pictures.slice(0, half)))).features;
const real = (await features.features(picturesOf(pool))).features;
const first = (set: Features, rows: number) => takeRows(set, range(rows));

const rungs = await rungsOf(pool, count);
const samples = rungs[0]!.pictures;
const measures: RungMeasure[] = [];
for (const rung of rungs) {
  const measured = await measureRung(rung, samples, first(reference, count), {
    features,
    perceptual,
  });
  measures.push(measured);
  console.log(rung.damage, rung.level, measured.values);
}

const floor = bootstrapInterval(
  [count, count],
  ([a, b]) => distance(takeRows(reference, a!), takeRows(real, b!)),
  { seed: 1, resamples: 50 },
);
const noisiest = rungs.filter(({ damage }) => damage === "noise").at(-2)!;
const damaged = (await features.features(noisiest.pictures)).features;
const byCount: CountedDistance[] = [0.25, 0.5, 0.75, 1].flatMap((share) => {
  const rows = Math.round(share * count);
  const of = (set: string, against: Features) => ({
    set,
    count: rows,
    value: distance(first(against, rows), first(reference, rows)),
  });
  return [of("real", real), of(`noise ${noisiest.level}`, damaged)];
});
for (const rows of [half >> 1, half].filter((n) => n > count)) {
  const value = distance(first(real, rows), first(reference, rows));
  byCount.push({ set: "real", count: rows, value });
}

const failures = [
  ...notRising(measures),
  ...(measures.at(-1)!.values.recall! < measures[0]!.values.recall!
    ? []
    : ["recall does not fall with duplicates"]),
];
await mkdir("results/validity", { recursive: true });
await writeFile(
  `results/validity/${name}.json`,
  `${JSON.stringify(
    {
      network: features.name,
      testAccuracy,
      pictures: count,
      reference: count,
      real: {
        FD: measures[0]!.values.FD,
        bootstrap: floor,
        byCount: byCount.filter(({ set }) => set === "real"),
      },
      rungs: measures,
      failures,
    },
    null,
    2,
  )}\n`,
);
await plotLadder(measures, features.name, `docs/media/validity-${name}`);
await plotByCount(byCount, features.name, `docs/media/validity-${name}-count`);
await features.close();
await perceptual.close();
await device.close();
console.log(failures.length === 0 ? "every distance moves as it must" : failures.join("\n"));
process.exitCode = failures.length === 0 ? 0 : 1;

/** In mixed order, always the same. */
async function testPictures(path: string, side: number): Promise<LabelledPicture[]> {
  const opened = await openDataset(path, { folder: "test" });
  const dataset = await cacheDataset(opened, { size: side });
  const found: LabelledPicture[] = [];
  for (const i of random("validity").permutation(dataset.size)) {
    const picture = await dataset.load(i);
    if (picture) found.push({ picture, label: dataset.examples[i]!.label ?? "" });
  }
  await dataset.close();
  return found;
}

function picturesOf(labelled: readonly LabelledPicture[]) {
  return labelled.map(({ picture }) => picture);
}

function range(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i);
}

/** Rungs at which the distance does not rise. */
function notRising(among: readonly RungMeasure[]): string[] {
  return among.flatMap(({ damage, level, values }, i) => {
    const before = among[i - 1];
    if (level === 0 || before?.damage !== damage) return [];
    const step = values.FD! - before.values.FD!;
    return step > 0 ? [] : [`FD from ${damage} ${before.level} to ${level}: ${step.toFixed(3)}`];
  });
}

/** Of all classes in turn, other ones than any training sees. */
function scenes(side: number): LabelledPicture[] {
  return Array.from({ length: SCENES }, (_, i) => {
    const scene = i % sceneClasses.length;
    const picture = drawScene(scene, side, random("validity", i));
    return { picture, label: sceneClasses[scene]! };
  });
}
