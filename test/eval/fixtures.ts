/** Pictures, sets of them and networks for tests of `src/eval`: small, drawn by rule, without weights. */

import { meanOf } from "../../src/eval/pair-metrics.ts";
import { type PictureSet, pixelHash } from "../../src/eval/picture-set.ts";
import type { FeatureNetwork, PerceptualNetwork } from "../../src/features/feature-network.ts";
import type { Picture } from "../../src/images/picture.ts";
import { featuresOf } from "../../src/metrics/features.ts";
import { random } from "../../src/random/random.ts";

export const SIDE = 16;
export const CLASSES = 6;

/** One of six discs by colour and size, in turn, at a random place on a random grey. */
export function scenes(name: string, count: number): Picture[] {
  return Array.from({ length: count }, (_, i) => {
    const draws = random(name, i);
    const radius = i % 2 ? 3 : 5;
    const [x, y] = [4 + 8 * draws.uniform(), 4 + 8 * draws.uniform()];
    const ground = 60 + 60 * draws.uniform();
    const colour = [0, 1, 2].map((c) => (c === (i % CLASSES) >> 1 ? 230 : 30));
    const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => {
      const [px, py] = [Math.floor(at / 3) % SIDE, Math.floor(at / 3 / SIDE)];
      return Math.hypot(px - x, py - y) < radius ? colour[at % 3]! : ground;
    });
    return { width: SIDE, height: SIDE, data };
  });
}

/** @param sigma on a scale where pixels go from 0 to 1. */
export function noisy(picture: Picture, sigma: number, seed: number): Picture {
  const draws = random("noise", seed);
  const data = Uint8ClampedArray.from(
    picture.data,
    (value) => value + 255 * sigma * draws.normal(),
  );
  return { ...picture, data: new Uint8Array(data) };
}

/** Means over 3 × 3 pixels, `times` times. */
export function blurred(picture: Picture, times: number): Picture {
  const { width, height } = picture;
  let { data } = picture;
  for (let pass = 0; pass < times; pass++) {
    const before = data;
    data = Uint8Array.from(before, (_, at) => {
      const [x, y] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      let sum = 0;
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) {
          const row = Math.min(Math.max(y + dy, 0), height - 1);
          const column = Math.min(Math.max(x + dx, 0), width - 1);
          sum += before[(row * width + column) * 3 + (at % 3)]!;
        }
      }
      return sum / 9;
    });
  }
  return { width, height, data };
}

/** Pictures in memory as a set. */
export function setOf(pictures: readonly Picture[], name = "pictures"): PictureSet {
  return {
    name,
    count: pictures.length,
    decoding: "as stored",
    examples: null,
    pictures: async function* (indices) {
      for (let i = 0; i < (indices?.length ?? pictures.length); i++) {
        const index = indices ? indices[i]! : i;
        const picture = pictures[index]!;
        const hash = pixelHash(picture);
        yield { index, name: `${index}`, hash, decode: async () => picture };
      }
    },
    close: async () => {},
  };
}

export interface CountingNetwork extends FeatureNetwork {
  /** Pictures that it has looked at. */
  readonly seen: () => number;
}

/** Colours and differences of neighbours, nine numbers a picture; the class by the excess of a colour. */
export function fakeNetwork(overrides: Partial<FeatureNetwork> = {}): CountingNetwork {
  let seen = 0;
  return {
    name: "discs-rule-D9-00000000",
    isInception: false,
    width: 9,
    classes: 3,
    spatialWidth: null,
    classNames: ["red", "green", "blue"],
    classFields: [],
    preprocessing: "none",
    features: async (pictures) => {
      seen += pictures.length;
      const rows = pictures.map(colourFeatures);
      const logits = rows.flatMap((row) => [0, 3, 6].map((at) => 8 * row[at]!));
      return {
        features: featuresOf(Float32Array.from(rows.flat()), 9),
        logits: featuresOf(Float32Array.from(logits), 3),
        spatial: null,
      };
    },
    close: async () => {},
    seen: () => seen,
    ...overrides,
  };
}

/** The same with two features at places: the red of the first and of the last pixel. */
export function fakePlaceNetwork(overrides: Partial<FeatureNetwork> = {}): CountingNetwork {
  const plain = fakeNetwork();
  return {
    ...plain,
    name: "discs-places-D9-00000000",
    spatialWidth: 2,
    features: async (pictures) => ({
      ...(await plain.features(pictures)),
      spatial: featuresOf(Float32Array.from(pictures.flatMap(cornerReds)), 2),
    }),
    ...overrides,
  };
}

function cornerReds({ data }: Picture): number[] {
  return [data[0]! / 255, data[data.length - 3]! / 255];
}

/** The mean difference of bytes. */
export const fakePerceptual: PerceptualNetwork = {
  name: "PercDist[bytes]",
  distances: async (first, second) =>
    Float64Array.from(first, (picture, i) =>
      meanOf(picture.data.map((byte, at) => Math.abs(byte - second[i]!.data[at]!))),
    ),
  close: async () => {},
};

/** Means of colours, and mean absolute differences along both axes: 9 numbers. */
export function colourFeatures({ width, height, data }: Picture): number[] {
  return [0, 1, 2].flatMap((c) => {
    let [level, across, down] = [0, 0, 0];
    for (let p = 0; p < width * height; p++) {
      const value = data[p * 3 + c]!;
      level += value;
      if (p % width > 0) across += Math.abs(value - data[(p - 1) * 3 + c]!);
      if (p >= width) down += Math.abs(value - data[(p - width) * 3 + c]!);
    }
    return [level, 3 * across, 3 * down].map((sum) => sum / (width * height * 32));
  });
}
