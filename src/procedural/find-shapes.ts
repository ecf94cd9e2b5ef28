/**
 * Finds the shapes of prompted scenes in pictures, by rule: patches of saturated colour, each compared
 * with every shape at every angle. Its accuracy on scenes drawn by the renderer is the ceiling of what
 * models can score by it.
 */
import type { Picture } from "../images/picture.ts";
import type { Box, Detection, DetectionThresholds } from "../metrics/geneval.ts";
import { sceneObjects } from "./prompted-scenes.ts";
import { type ColourName, colourNames, hues } from "./scene-parts.ts";
import { distanceTo, type ShapeName, shapeNames } from "./shapes.ts";

/** A detection's score is the share of both areas that patch and shape have in common. */
export const shapeThresholds: DetectionThresholds = { score: 0.6, countingScore: 0.6, most: 16 };

/** Largest minus least channel: inks have at least 66, and models do not draw whites as white as these. */
const LEAST_CHROMA = 44;
/** Turns of the colour wheel between neighbours of one patch; colours' hues are 0.075 apart or more. */
const SAME_HUE = 0.05;
/** Of the picture's area; the smallest shape covers several times as much. */
const LEAST_AREA = 0.003;
/** Fewer have no shape. */
const LEAST_PIXELS = 8;
const ANGLES = 16;

/** All shapes of a picture, surest first; sizes of pictures do not matter. */
export function findShapes(picture: Picture): Detection[] {
  const least = Math.max(LEAST_PIXELS, LEAST_AREA * picture.width * picture.height);
  return patchesOf(picture)
    .filter(({ pixels }) => pixels.length >= least)
    .map((patch) => detectionOf(patch, picture))
    .sort((a, b) => b.score - a.score);
}

/** Pixels of one colour that hang together, as places in row-major order. */
interface Patch {
  readonly pixels: readonly number[];
  /** In turns; the mean of its pixels, round the wheel. */
  readonly hue: number;
}

function patchesOf({ width, height, data }: Picture): Patch[] {
  const inks = Float32Array.from({ length: width * height }, (_, at) => inkHue(data, 3 * at));
  const seen = new Uint8Array(width * height);
  const patches: Patch[] = [];
  for (let start = 0; start < inks.length; start++) {
    if (seen[start] || inks[start]! < 0) continue;
    const pixels = [start];
    seen[start] = 1;
    for (const at of pixels) {
      for (const next of neighbours(at, width, height)) {
        if (seen[next] || inks[next]! < 0 || turnsBetween(inks[at]!, inks[next]!) > SAME_HUE)
          continue;
        seen[next] = 1;
        pixels.push(next);
      }
    }
    patches.push({ pixels, hue: meanHue(pixels, inks) });
  }
  return patches;
}

/** Hue in turns; −1 for what is too grey to be an ink. */
function inkHue(data: Uint8Array, at: number): number {
  const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!];
  const most = Math.max(r, g, b);
  const chroma = most - Math.min(r, g, b);
  if (chroma < LEAST_CHROMA) return -1;
  const sector =
    most === r ? (g - b) / chroma : most === g ? 2 + (b - r) / chroma : 4 + (r - g) / chroma;
  return (sector / 6 + 1) % 1;
}

function neighbours(at: number, width: number, height: number): number[] {
  const [x, y] = [at % width, Math.floor(at / width)];
  return [
    ...(x > 0 ? [at - 1] : []),
    ...(x < width - 1 ? [at + 1] : []),
    ...(y > 0 ? [at - width] : []),
    ...(y < height - 1 ? [at + width] : []),
  ];
}

function turnsBetween(a: number, b: number): number {
  const turns = Math.abs(a - b);
  return Math.min(turns, 1 - turns);
}

function meanHue(pixels: readonly number[], inks: Float32Array): number {
  let [x, y] = [0, 0];
  for (const at of pixels) {
    x += Math.cos(2 * Math.PI * inks[at]!);
    y += Math.sin(2 * Math.PI * inks[at]!);
  }
  return (Math.atan2(y, x) / (2 * Math.PI) + 1) % 1;
}

function detectionOf({ pixels, hue }: Patch, size: Picture): Detection {
  const xs = pixels.map((at) => at % size.width);
  const ys = pixels.map((at) => Math.floor(at / size.width));
  const box: Box = {
    left: leastOf(xs),
    top: leastOf(ys),
    right: mostOf(xs) + 1,
    bottom: mostOf(ys) + 1,
  };
  const inside = new Uint8Array(size.width * size.height);
  for (const at of pixels) inside[at] = 1;
  const middle = { x: meanOf(xs) + 0.5, y: meanOf(ys) + 0.5 };
  const seen = { ...size, inside, middle, area: pixels.length };
  let [best, score]: [ShapeName, number] = [sceneObjects[0]!, 0];
  for (const name of sceneObjects) {
    const found = likeness(name, seen);
    if (found > score) [best, score] = [name, found];
  }
  return { class: best, color: nearestColour(hue), score, box };
}

function nearestColour(hue: number): ColourName {
  const distance = (name: ColourName) => turnsBetween(hues[name][0], hue);
  return colourNames.reduce((best, name) => (distance(name) < distance(best) ? name : best));
}

/** A patch by itself. */
interface Silhouette {
  readonly width: number;
  readonly height: number;
  /** 1 where the patch is, row-major. */
  readonly inside: Uint8Array;
  readonly middle: { readonly x: number; readonly y: number };
  /** In pixels. */
  readonly area: number;
}

/** Points per side of a frame in which patch and shape have the same middle and area. */
const FRAME = 40;
/** From the middle to the sides of the frame, in radii of the shape. */
const REACH = 1.25;

/** Area in common over area together, at the best of the shape's angles. */
function likeness(name: ShapeName, patch: Silhouette): number {
  const framed = frameOf(patch, Math.sqrt(patch.area / unitArea[name]));
  let best = 0;
  for (const shape of templates[name]) {
    let [common, together] = [0, 0];
    for (let at = 0; at < framed.length; at++) {
      common += framed[at]! & shape[at]!;
      together += framed[at]! | shape[at]!;
    }
    best = Math.max(best, common / together);
  }
  return best;
}

function frameOf({ width, height, inside, middle }: Silhouette, radius: number): Uint8Array {
  return framePoints((u, v) => {
    const [x, y] = [Math.floor(middle.x + radius * u), Math.floor(middle.y + radius * v)];
    return x >= 0 && x < width && y >= 0 && y < height && inside[y * width + x] === 1;
  });
}

function framePoints(isInside: (u: number, v: number) => boolean): Uint8Array {
  const along = (step: number) => REACH * ((2 * step + 1) / FRAME - 1);
  return Uint8Array.from({ length: FRAME * FRAME }, (_, at) =>
    Number(isInside(along(at % FRAME), along(Math.floor(at / FRAME)))),
  );
}

/** Turn after which a shape looks the same; 0 where it always does. */
const periods: Readonly<Record<ShapeName, number>> = {
  disc: 0,
  ring: 0,
  triangle: (2 * Math.PI) / 3,
  square: Math.PI / 2,
  hexagon: Math.PI / 3,
  star: (2 * Math.PI) / 5,
  cross: Math.PI / 2,
  bar: Math.PI,
};

/** Each shape in its frame, at all angles that look different. */
const templates = ofEachShape((name) => {
  const angles = periods[name] === 0 ? 1 : ANGLES;
  return Array.from({ length: angles }, (_, step) => {
    const distance = unitShape(name, (step * periods[name]) / ANGLES);
    return framePoints((u, v) => distance(u, v) < 0);
  });
});

/** Area of each shape whose circle has the radius 1. */
const unitArea = ofEachShape((name) => {
  const distance = unitShape(name, 0);
  const steps = 100;
  let inside = 0;
  for (let row = 0.5; row < 2 * steps; row++) {
    for (let column = 0.5; column < 2 * steps; column++) {
      if (distance(column / steps - 1, row / steps - 1) < 0) inside++;
    }
  }
  return inside / steps ** 2;
});

function unitShape(name: ShapeName, angle: number): (u: number, v: number) => number {
  return distanceTo({ name, x: 0, y: 0, radius: 1, angle, colour: [0, 0, 0] });
}

function ofEachShape<T>(of: (name: ShapeName) => T): Readonly<Record<ShapeName, T>> {
  const entries = shapeNames.map((name) => [name, of(name)]);
  return Object.fromEntries(entries) as unknown as Readonly<Record<ShapeName, T>>;
}

function leastOf(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b));
}

function mostOf(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b));
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b) / values.length;
}
