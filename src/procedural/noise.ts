/** Smooth noise: random values at the points of a grid, interpolated, in octaves. */
import type { Random } from "../random/random.ts";

/** A field over the plane; values in [0, 1]. */
export type Field = (x: number, y: number) => number;

const side = 64;

/** Value noise of one octave; features are about 1 wide. */
export function valueNoise(draws: Random): Field {
  const values = draws.uniforms(side * side);
  const at = (x: number, y: number): number => values[(y & (side - 1)) * side + (x & (side - 1))]!;
  return (x, y) => {
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [smooth(x - x0), smooth(y - y0)];
    const top = at(x0, y0) * (1 - u) + at(x0 + 1, y0) * u;
    const bottom = at(x0, y0 + 1) * (1 - u) + at(x0 + 1, y0 + 1) * u;
    return top * (1 - v) + bottom * v;
  };
}

/** Octaves of value noise, each twice as fine and half as strong. */
export function fractalNoise(draws: Random, octaves: number): Field {
  const layers = Array.from({ length: octaves }, () => valueNoise(draws));
  const total = 2 - 2 ** (1 - octaves);
  return (x, y) =>
    layers.reduce((sum, layer, k) => sum + layer(x * 2 ** k, y * 2 ** k) / 2 ** k, 0) / total;
}

function smooth(t: number): number {
  return t * t * (3 - 2 * t);
}
