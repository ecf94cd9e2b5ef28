/** Random changes of training pictures that keep what they show. */

import { type Colour, white } from "../images/picture.ts";
import { type Random, random } from "../random/random.ts";

/** How far changes may go; absent or 0 = that change is off. */
export interface AugmentOptions {
  /**
   * Largest shift, as a share of the side, in either direction and axis; by whole pixels where the
   * size stays, so that nothing is blurred.
   */
  readonly shift?: number;
  /** Largest change of size: 0.1 draws factors from 1/1.1 to 1.1, both equally likely. */
  readonly scale?: number;
  /** Chance of a left-right mirror. */
  readonly flip?: number;
  /** Largest turn of the hues, in degrees; greys and white stay. */
  readonly hue?: number;
  /** Largest change of brightness: 0.1 draws factors from 0.9 to 1.1; black stays. */
  readonly brightness?: number;
  /** What shows where the picture was moved away; white unless given. */
  readonly fill?: Colour;
}

/** `AugmentOptions` for pictures that come back epoch after epoch. */
export interface EpochAugmentOptions extends Omit<AugmentOptions, "flip"> {
  /**
   * Chance of a left-right mirror; or `alternate`: mirrored in every second epoch, half of the pictures
   * in the even ones, so that two epochs show each picture both ways (Jordan 2024, "94% on CIFAR-10 in
   * 3.29 seconds on a single GPU", section 3.6).
   */
  readonly flip?: number | "alternate";
}

/** Which picture is wanted for which place of a training. */
export interface TrainingPlace {
  readonly seed: number;
  readonly step: number;
  /** In the batch. */
  readonly place: number;
  readonly epoch: number;
  /** Of the picture, in its data set. */
  readonly index: number;
}

/** One changed copy of a picture: always the same for the same place of a training. */
export function augmentAt(
  { seed, step, place, epoch, index }: TrainingPlace,
  pixels: Float32Array,
  size: number,
  { flip = 0, ...others }: EpochAugmentOptions,
): Float32Array {
  const mirrored = () => random(seed, "flip", index).uniform() < 0.5 !== (epoch % 2 === 1);
  const chance = flip === "alternate" ? Number(mirrored()) : flip;
  const draws = random(seed, "augment", step, place);
  return augment(pixels, size, { ...others, flip: chance }, draws);
}

/**
 * One changed copy of a picture, bilinear.
 *
 * Six draws are used whatever the options are, so switching one change off leaves the others alike.
 *
 * @param pixels float32 [3, S, S] in [-1, 1].
 * @returns the same shape and range.
 */
export function augment(
  pixels: Float32Array,
  size: number,
  options: AugmentOptions,
  random: Random,
): Float32Array {
  const { shift = 0, scale = 0, flip = 0, hue = 0, brightness = 0, fill = white } = options;
  const between = (limit: number) => (2 * random.uniform() - 1) * limit;
  const placed = scale === 0 ? Math.round : (pixels: number) => pixels;
  const right = placed(between(shift) * size);
  const down = placed(between(shift) * size);
  const factor = (1 + scale) ** between(1);
  const mirrored = random.uniform() < flip;
  const turn = between(hue);
  const gain = 1 + between(brightness);

  const moved = right !== 0 || down !== 0 || factor !== 1 || mirrored;
  const changed = moved
    ? resample(
        pixels,
        size,
        taps(size, factor, right, mirrored),
        taps(size, factor, down, false),
        fill,
      )
    : pixels.slice();
  if (turn !== 0 || gain !== 1) recolour(changed, turn, gain);
  return changed;
}

/** Where each output row or column reads: between `low` and `low` + 1, `weight` of the latter. */
interface Taps {
  readonly low: Int32Array;
  readonly weight: Float32Array;
}

/** Positions in a picture with one pixel of fill around it; all beyond that reads the fill. */
function taps(size: number, factor: number, moved: number, mirrored: boolean): Taps {
  const low = new Int32Array(size);
  const weight = new Float32Array(size);
  const middle = (size - 1) / 2;
  for (let i = 0; i < size; i++) {
    const straight = (i - middle - moved) / factor + middle;
    const position = mirrored ? size - 1 - straight : straight;
    const padded = Math.min(Math.max(position + 1, 0), size + 1);
    low[i] = Math.min(Math.floor(padded), size);
    weight[i] = padded - low[i]!;
  }
  return { low, weight };
}

function resample(
  pixels: Float32Array,
  size: number,
  columns: Taps,
  rows: Taps,
  fill: Colour,
): Float32Array {
  const wide = size + 2;
  const area = size * size;
  const padded = new Float32Array(wide * wide);
  const output = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++) {
    padded.fill(fill[channel]! / 127.5 - 1);
    for (let y = 0; y < size; y++) {
      const start = channel * area + y * size;
      padded.set(pixels.subarray(start, start + size), (y + 1) * wide + 1);
    }
    let to = channel * area;
    for (let y = 0; y < size; y++) {
      const top = rows.low[y]! * wide;
      const v = rows.weight[y]!;
      for (let x = 0; x < size; x++) {
        const at = top + columns.low[x]!;
        const u = columns.weight[x]!;
        const above = padded[at]! + u * (padded[at + 1]! - padded[at]!);
        const below = padded[at + wide]! + u * (padded[at + wide + 1]! - padded[at + wide]!);
        output[to++] = above + v * (below - above);
      }
    }
  }
  return output;
}

/** Turns hues and scales brightness in place, clamped to [-1, 1]. */
function recolour(pixels: Float32Array, degrees: number, gain: number): void {
  const area = pixels.length / 3;
  // rows sum to 1, so the matrix may act on [-1, 1] as on [0, 1]; the gain may not
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = hueMatrix(degrees).map((entry) => entry * gain);
  const offset = gain - 1;
  for (let p = 0; p < area; p++) {
    const r = pixels[p]!;
    const g = pixels[area + p]!;
    const b = pixels[2 * area + p]!;
    pixels[p] = clamp(rr! * r + rg! * g + rb! * b + offset);
    pixels[area + p] = clamp(gr! * r + gg! * g + gb! * b + offset);
    pixels[2 * area + p] = clamp(br! * r + bg! * g + bb! * b + offset);
  }
}

function clamp(value: number): number {
  return Math.min(Math.max(value, -1), 1);
}

/** Turn of hue at constant luminance (W3C Filter Effects 1, feColorMatrix hueRotate). */
function hueMatrix(degrees: number): number[] {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const [r, g, b] = [0.213, 0.715, 0.072];
  return [
    [r + cos * (1 - r) - sin * r, g - cos * g - sin * g, b - cos * b + sin * (1 - b)],
    [r - cos * r + sin * 0.143, g + cos * (1 - g) + sin * 0.14, b - cos * b - sin * 0.283],
    [r - cos * r - sin * (1 - r), g - cos * g + sin * g, b + cos * (1 - b) + sin * b],
  ].flat();
}
