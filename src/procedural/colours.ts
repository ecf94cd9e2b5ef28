/** Colours drawn at random, and how bright they look. */
import type { Colour } from "../images/picture.ts";
import type { Random } from "../random/random.ts";

/** Brightness of a colour, 0…255 (ITU-R BT.601). */
export function luma([red, green, blue]: readonly [number, number, number]): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** A colour of a hue in turns, and a saturation and brightness in 0…1. */
export function hsv(hue: number, saturation: number, value: number): Colour {
  const channel = (offset: number): number => {
    const sector = (offset + 6 * hue) % 6;
    return 255 * value * (1 - saturation * Math.max(0, Math.min(sector, 4 - sector, 1)));
  };
  return [channel(5), channel(3), channel(1)];
}

/** A point between two colours. */
export function mix(a: Colour, b: Colour, t: number): Colour {
  const between = (c: 0 | 1 | 2) => a[c] + t * (b[c] - a[c]);
  return [between(0), between(1), between(2)];
}

/** A colour with a given luma: the drawn hue made lighter or darker. */
export function colourOfLuma(draws: Random, target: number, saturation: number): Colour {
  const colour = hsv(draws.uniform(), saturation * draws.uniform(), 1);
  const bright = luma(colour);
  // darker by scaling, lighter by mixing with white: both keep every channel within 0…255
  if (target <= bright) return mix([0, 0, 0], colour, target / bright);
  return mix(colour, [255, 255, 255], (target - bright) / (255 - bright));
}

/** Uniform in [from, to). */
export function between(draws: Random, from: number, to: number): number {
  return from + (to - from) * draws.uniform();
}

/** One of several, each as likely. */
export function pick<T>(draws: Random, choices: readonly T[]): T {
  return choices[draws.integer(choices.length)]!;
}
