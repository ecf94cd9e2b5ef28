/** Pictures full of fine detail: test patterns, textures, wires, and gratings of a known period. */
import type { Picture } from "../images/picture.ts";
import { type Random, random } from "../random/random.ts";
import { between, colourOfLuma, mix } from "./colours.ts";
import { drawStrokes, emptyMask, paintOver, paintPicture } from "./mask.ts";
import * as fields from "./pattern-fields.ts";

const kinds: readonly ((draws: Random, side: number) => fields.Pattern)[] = [
  fields.zonePlate,
  fields.siemensStar,
  fields.hatching,
  fields.weave,
  fields.bricks,
  fields.leaves,
  fields.checkers,
  fields.moire,
  fields.dots,
];

/** Samples along each side of a pixel where a pattern has edges. */
const edgeSamples = 3;

/** One pattern in two colours; kinds take turns, wires are the last of them. */
export function patternPicture(seed: number, index: number, side = 256): Picture {
  const draws = random(seed, "pattern", index);
  const kind = kinds[index % (kinds.length + 1)];
  return kind ? inTwoColours(draws, kind(draws, side), side) : wires(draws, side);
}

export interface Grating {
  readonly picture: Picture;
  /** Pixels. */
  readonly period: number;
  /** Direction in which it swings, in radians from the x axis. */
  readonly angle: number;
}

/** Periods that gratings take in turn, in pixels. */
export const gratingPeriods: readonly number[] = [2, 3, 4, 6, 8, 12, 16];

/** A grey sine grating at an angle of 0 to 90°, of half the range of brightness. */
export function gratingPicture(seed: number, index: number, side = 128): Grating {
  const draws = random(seed, "grating", index);
  const period = gratingPeriods[index % gratingPeriods.length]!;
  // at two pixels only the axes can carry it
  const angle = period === 2 ? (draws.integer(2) * Math.PI) / 2 : between(draws, 0, Math.PI / 2);
  const phase = period === 2 ? 0 : between(draws, 0, 2 * Math.PI);
  const { field } = fields.grating(period, angle, phase);
  const picture = paintPicture(side, side, (x, y) => {
    const level = 64 + 128 * field(x, y);
    return [level, level, level];
  });
  return { picture, period, angle };
}

function inTwoColours(draws: Random, { field, edged }: fields.Pattern, side: number): Picture {
  const dark = colourOfLuma(draws, between(draws, 10, 70), 1);
  const light = colourOfLuma(draws, between(draws, 170, 245), 0.8);
  const samples = edged ? edgeSamples : 1;
  return paintPicture(side, side, (x, y) => {
    let sum = 0;
    for (let i = 0; i < samples * samples; i++) {
      const dx = ((i % samples) + 0.5) / samples;
      const dy = (Math.floor(i / samples) + 0.5) / samples;
      sum += field(x + dx, y + dy);
    }
    return mix(dark, light, sum / (samples * samples));
  });
}

/** Straight and curved wires of half a pixel to two pixels on a slow gradient. */
function wires(draws: Random, side: number): Picture {
  const [top, bottom] = [colourOfLuma(draws, 210, 0.5), colourOfLuma(draws, 150, 0.5)];
  let picture = paintPicture(side, side, (_x, y) => mix(top, bottom, y / side));
  for (let i = 0; i < 12; i++) {
    const mask = emptyMask(side, side);
    const ink = colourOfLuma(draws, between(draws, 0, 70), 1);
    const sag = between(draws, -0.3, 0.3) * side;
    const [from, to] = [between(draws, 0, side), between(draws, 0, side)];
    const points = Array.from({ length: 25 }, (_, k) => {
      const t = k / 24;
      return [t * side, from + (to - from) * t + sag * 4 * t * (1 - t)];
    });
    const way = draws.integer(2) === 0 ? points : points.map(([x, y]) => [y!, x!]);
    drawStrokes(mask, [way.flat()], { x: 0, y: 0, scale: 1 }, between(draws, 0.5, 2));
    picture = paintOver(picture, mask, () => ink);
  }
  return picture;
}
