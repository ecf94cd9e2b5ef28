/**
 * Samples against a reference as `ordo eval samples` measures them: the numbers are those of their
 * definitions on all features at once, and damage moves them the way the definitions say.
 */
import { describe, expect, it } from "vitest";
import {
  blurred,
  fakeNetwork,
  fakePlaceNetwork,
  noisy,
  scenes,
  setOf,
} from "../../test/eval/fixtures.ts";
import type { Picture } from "../images/picture.ts";
import { frechetDistance } from "../metrics/frechet.ts";
import { inceptionScore } from "../metrics/inception-score.ts";
import { kernelDistance } from "../metrics/kernel-distance.ts";
import { statisticsOf } from "../metrics/moments.ts";
import { precisionRecall } from "../metrics/precision-recall.ts";
import type { StatisticsFile } from "../metrics/statistics-file.ts";
import { measureSets } from "./measure-sets.ts";
import type { Metric } from "./metric.ts";
import type { Reference } from "./reference.ts";

const network = fakeNetwork();
const real = scenes("reference", 150);
const clean = scenes("samples", 120);
const options = { network, cache: null, batch: 16, seed: 1, shown: 5, neighbours: 2 };

const stored = (given: Pick<StatisticsFile, "pooled"> & Partial<StatisticsFile>): Reference => ({
  name: "r.npz",
  pictures: null,
  statistics: { spatial: null, network: null, ...given },
});

const pictures = (set: readonly Picture[]): Reference => ({
  name: "reference",
  pictures: setOf(set),
  statistics: null,
});

async function measured(samples: readonly Picture[], batch = 16) {
  return measureSets(setOf(samples), pictures(real), { ...options, batch });
}

async function values(samples: readonly Picture[]): Promise<Record<string, number>> {
  const { metrics } = await measured(samples);
  return Object.fromEntries(metrics.map(({ id, value }) => [id, value!]));
}

describe("measuring sets in a stream", () => {
  it("gives the numbers of all features at once", async () => {
    const found = await values(clean);
    const [own, other] = await Promise.all([network.features(clean), network.features(real)]);
    const frechet = frechetDistance(statisticsOf(own.features), statisticsOf(other.features));
    expect(found.fd).toBeCloseTo(frechet.distance, 8);
    expect(found.is).toBeCloseTo(inceptionScore(own.logits, { parts: 10 }).mean, 12);
    const kernel = kernelDistance(own.features, other.features, { seed: 1, subsetSize: 60 });
    expect(found.kd).toBeCloseTo(kernel.mean, 12);
    const same = await measureSets(setOf(clean), pictures(real.slice(0, 120)), options);
    const { features } = await network.features(real.slice(0, 120));
    const { precision, recall } = precisionRecall(own.features, features);
    expect(same.metrics.slice(-2).map(({ value }) => value)).toEqual([precision, recall]);
  });

  it("does not depend on the batch", async () => {
    const [one, other] = [await measured(clean, 1), await measured(clean, 120)];
    expect(one.metrics).toEqual(other.metrics);
    expect(one.samples.fingerprint()).toBe(other.samples.fingerprint());
    expect(one.nearest).toEqual(other.nearest);
  });

  it("names the network in every metric, and only Inception's distance FID", async () => {
    const { metrics } = await measured(clean);
    const own = "discs-rule-D9-00000000";
    expect(metrics.map(({ name }) => name)).toEqual([
      `FD[${own}]`,
      `KD[${own}]`,
      `IS[${own}]`,
      `precision P/R[${own}]`,
      `recall P/R[${own}]`,
    ]);
    const inception = fakeNetwork({ isInception: true });
    const published = await measureSets(setOf(clean), pictures(real), {
      ...options,
      network: inception,
    });
    expect(published.metrics.map(({ name }) => name).slice(0, 3)).toEqual(["FID", "KID", "IS"]);
  });

  it("lays an interval about every number and a floor beside the distance", async () => {
    const { metrics } = await measured(clean);
    for (const { value, interval } of metrics) {
      expect(interval!.low).toBeLessThanOrEqual(value!);
      expect(interval!.high).toBeGreaterThanOrEqual(value!);
    }
    const [fd] = metrics as [Metric];
    expect(fd).toMatchObject({ count: 120, referenceCount: 150 });
    expect(fd.floor!.value).toBeGreaterThan(0);
    expect(fd.interval!.method).toBe(
      "bootstrap, 100 resamples of 40 and 40 random groups, laid about the value",
    );
  });

  it("finds the reference picture that a sample is a copy of", async () => {
    const copied = clean.map((picture, i) => (i % 2 ? picture : real[i]!));
    const { shown, nearest } = await measured(copied);
    for (const [i, place] of shown.entries()) {
      const [closest] = nearest[i]!;
      if (place % 2) expect(closest!.distance).toBeGreaterThan(0);
      else expect(closest).toEqual({ index: place, distance: 0 });
    }
  });

  it("warns of few pictures and of unequal counts", async () => {
    const { warnings } = await measureSets(setOf(clean.slice(0, 40)), pictures(real), options);
    expect(warnings).toEqual([
      "40 pictures are few for 9 features: distances are too large, by about c/N",
      "40 samples against 150 of the reference: compare equal counts only",
    ]);
  });
});

describe("sizes", () => {
  it("that differ between the sides are warned of", async () => {
    const small = clean.map(({ data }) => ({ width: 8, height: 8, data: data.slice(0, 192) }));
    const { warnings } = await measureSets(setOf(small), pictures(real), options);
    expect(warnings.at(-1)).toBe(
      "samples are 8x8, the reference is 16x16: the network's resize is measured too",
    );
  });
});

describe("damage", () => {
  const rising = async (id: string, sets: readonly (readonly Picture[])[], sign = 1) => {
    let before = Number.NEGATIVE_INFINITY;
    for (const set of sets) {
      const value = sign * (await values(set))[id]!;
      expect(value).toBeGreaterThan(before);
      before = value;
    }
  };

  it("by noise raises FD and lowers precision", async () => {
    const ladder = [0, 0.02, 0.05, 0.1].map((sigma) =>
      clean.map((picture, i) => noisy(picture, sigma, i)),
    );
    await rising("fd", ladder);
    await rising("precision", ladder.slice(0, 2), -1);
  });

  it("by blur raises FD and KD", async () => {
    const ladder = [0, 1, 3].map((times) => clean.map((picture) => blurred(picture, times)));
    await rising("fd", ladder);
    await rising("kd", ladder);
  });

  it("by duplicates raises FD and KD, and lowers recall where they stand for a class", async () => {
    const ladder = [0, 2, 4].map((collapsed) =>
      clean.map((picture, i) => (i % 6 < collapsed ? clean[i % 6]! : picture)),
    );
    await rising("fd", ladder);
    await rising("kd", ladder);
    await rising("recall", ladder, -1);
  });

  it("by lost classes lowers the score", async () => {
    const ladder = [3, 2, 1].map((colours) =>
      clean.map((_, i) => clean[i - (i % 6) + (i % (2 * colours))]!),
    );
    await rising("is", ladder, -1);
  });
});

describe("features at places", () => {
  const places = fakePlaceNetwork({ isInception: true });
  const within = { ...options, network: places };

  it("give sFID beside FID, of all of them at once", async () => {
    const { metrics } = await measureSets(setOf(clean), pictures(real), within);
    expect(metrics.map(({ name }) => name).slice(0, 3)).toEqual(["FID", "sFID", "KID"]);
    const [own, other] = await Promise.all([places.features(clean), places.features(real)]);
    const { distance } = frechetDistance(statisticsOf(own.spatial!), statisticsOf(other.spatial!));
    expect(metrics[1]).toMatchObject({ id: "sfd", count: 120, referenceCount: 150 });
    expect(metrics[1]!.value).toBeCloseTo(distance, 8);
    expect(metrics[1]!.floor!.value).toBeGreaterThan(0);
    expect(metrics[1]!.interval!.low).toBeLessThan(distance);
  });

  it("see where something is, which means over a picture do not", async () => {
    const upright = real.map((picture) => ({
      ...picture,
      data: picture.data.map((byte, at) => (at === 0 ? 255 : byte)),
    }));
    const turned = upright.map(({ data, ...size }) => ({
      ...size,
      data: Uint8Array.from(data, (_, at) => data[data.length - 3 - at + 2 * (at % 3)]!),
    }));
    const { metrics } = await measureSets(setOf(turned), pictures(upright), within);
    expect(metrics[0]!.value).toBeLessThan(1e-6);
    expect(metrics[1]!.value).toBeGreaterThan(0.1);
  });

  it("are compared with those of a file, where it has them", async () => {
    const { features, spatial } = await places.features(real);
    const pooled = statisticsOf(features);
    const both = stored({ pooled, spatial: statisticsOf(spatial!) });
    const direct = await measureSets(setOf(clean), pictures(real), within);
    const given = await measureSets(setOf(clean), both, within);
    expect(given.metrics[1]!.value).toBeCloseTo(direct.metrics[1]!.value!, 8);
    const without = await measureSets(setOf(clean), stored({ pooled }), within);
    expect(without.metrics[1]).toMatchObject({
      name: "sFID",
      value: null,
      unavailable: "needs pictures as reference, or mu_s and sigma_s in the file",
    });
  });
});

describe("statistics as reference", () => {
  it("give the FD alone, and the others say what they need", async () => {
    const { features } = await network.features(real);
    const given = await measureSets(
      setOf(clean),
      stored({ pooled: statisticsOf(features) }),
      options,
    );
    const [fd] = (await measured(clean)).metrics;
    expect(given.metrics[0]!.value).toBeCloseTo(fd!.value!, 8);
    expect(given.metrics[0]).not.toHaveProperty("floor");
    const missing = given.metrics.map(({ id, unavailable }) => [id, unavailable]);
    expect(missing).toEqual([
      ["fd", undefined],
      ["kd", "needs pictures as reference"],
      ["is", undefined],
      ["precision", "needs pictures as reference"],
      ["recall", "needs pictures as reference"],
    ]);
  });

  it("of another width are refused before anything is computed", async () => {
    const own = fakePlaceNetwork();
    const of = (width: number) => ({
      count: 10,
      mean: new Float64Array(width),
      covariance: new Float64Array(width * width),
    });
    const refusal = (statistics: Parameters<typeof stored>[0], words: string) =>
      expect(
        measureSets(setOf(clean), stored(statistics), { ...options, network: own }),
      ).rejects.toThrow(words);
    const places = "features of discs-places-D9-00000000";
    await refusal({ pooled: of(2) }, `r.npz: mu: expected 9 ${places}, got 2`);
    await refusal({ pooled: of(9), spatial: of(3) }, `r.npz: mu_s: expected 2 ${places}, got 3`);
    const words = "r.npz: expected statistics of discs-places-D9-00000000, got other-D9";
    await refusal({ pooled: of(9), network: "other-D9" }, words);
    expect(own.seen()).toBe(0);
  });
});

describe("few pictures", () => {
  it("are enough for what they are enough for", async () => {
    const { metrics } = await measureSets(setOf(clean.slice(0, 3)), pictures(real), options);
    const words = Object.fromEntries(metrics.map(({ id, unavailable }) => [id, unavailable]));
    expect(words).toEqual({
      fd: undefined,
      kd: "needs 20 pictures on both sides, got 3",
      is: undefined,
      precision: "needs more than 3 pictures on both sides, got 3",
      recall: "needs more than 3 pictures on both sides, got 3",
    });
  });

  it("of which one is none for a distance are refused", async () => {
    const asked = measureSets(setOf(clean.slice(0, 1)), pictures(real), options);
    await expect(asked).rejects.toThrow("pictures: expected at least 2 pictures, got 1");
  });
});
