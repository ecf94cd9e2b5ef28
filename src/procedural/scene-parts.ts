/** What procedural scenes have in common: inks, grounds, shapes and places that do not touch. */
import type { Colour, Picture } from "../images/picture.ts";
import type { Random } from "../random/random.ts";
import { between, hsv } from "./colours.ts";
import type { Canvas, Shape, ShapeName } from "./shapes.ts";

/** Hue in turns, and least saturation. */
export const hues = {
  red: [0, 0.75],
  orange: [0.08, 0.8],
  yellow: [0.155, 0.75],
  green: [0.34, 0.6],
  cyan: [0.5, 0.65],
  blue: [0.63, 0.7],
  purple: [0.77, 0.6],
  pink: [0.91, 0.35],
} as const;

export type ColourName = keyof typeof hues;

export const colourNames: readonly ColourName[] = Object.keys(hues) as ColourName[];

export function pluralOf(shape: ShapeName): string {
  return shape === "cross" ? "crosses" : `${shape}s`;
}

/** A place in a picture that is one unit wide. */
export interface Circle {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Circles of one size that do not touch, smaller ones if they do not fit. */
export function apart(count: number, largest: number, draws: Random): Circle[] {
  const found: Circle[] = [];
  let radius = largest;
  while (found.length < count) {
    const circle = { x: placeOf(draws, radius), y: placeOf(draws, radius), radius };
    const free = found.every(({ x, y }) => Math.hypot(x - circle.x, y - circle.y) > 2.1 * radius);
    if (free) found.push(circle);
    // where they hardly fit, smaller ones are tried from the start
    else if (draws.uniform() < 0.02) {
      radius *= 0.9;
      found.length = 0;
    }
  }
  return found;
}

/** A coordinate at which a circle lies wholly inside the picture. */
export function placeOf(draws: Random, radius: number): number {
  return between(draws, radius, 1 - radius);
}

export function inkOf(draws: Random, name: ColourName): Colour {
  const [hue, saturation] = hues[name];
  const most = name === "pink" ? 0.5 : 1;
  return hsv(
    (hue + between(draws, -0.02, 0.02) + 1) % 1,
    between(draws, saturation, most),
    between(draws, 0.75, 1),
  );
}

export function blankCanvas(size: number): Canvas {
  return { size, values: new Float32Array(size * size * 3) };
}

/** A shape of a picture that is one unit wide, in one of `size` pixels. */
export function enlarged(shape: Shape, size: number): Shape {
  return { ...shape, x: shape.x * size, y: shape.y * size, radius: shape.radius * size };
}

export function pictureOf({ size, values }: Canvas): Picture {
  const data = new Uint8Array(Uint8ClampedArray.from(values));
  return { width: size, height: size, data };
}
