/**
 * Patterns as fields over the plane: pixels in, values in [0, 1] out. All are dense in detail, down
 * to two pixels a period.
 */
import type { Random } from "../random/random.ts";
import { between } from "./colours.ts";
import type { Field } from "./noise.ts";

export interface Pattern {
  readonly field: Field;
  /** Has edges, which are smoothed by sampling a pixel several times. */
  readonly edged: boolean;
}

/** Rings whose period falls to two pixels at the middle of the sides. */
export function zonePlate(_draws: Random, side: number): Pattern {
  const rate = Math.PI / (2 * (side / 2));
  const centre = side / 2;
  return {
    edged: false,
    field: (x, y) => 0.5 + 0.5 * Math.cos(rate * ((x - centre) ** 2 + (y - centre) ** 2)),
  };
}

/** Spokes that narrow towards the centre. */
export function siemensStar(draws: Random, side: number): Pattern {
  const spokes = 24 + 8 * draws.integer(5);
  const turn = between(draws, 0, Math.PI);
  return {
    edged: true,
    field: (x, y) => (Math.sin(spokes * Math.atan2(y - side / 2, x - side / 2) + turn) > 0 ? 1 : 0),
  };
}

/** Brightness that swings along one direction. */
export function grating(period: number, angle: number, phase: number): Pattern {
  const [fx, fy] = [Math.cos(angle) / period, Math.sin(angle) / period];
  return {
    edged: false,
    field: (x, y) => 0.5 + 0.5 * Math.cos(2 * Math.PI * (fx * x + fy * y) + phase),
  };
}

export function checkers(draws: Random): Pattern {
  const side = 2 + draws.integer(10);
  const at = turned(draws);
  return {
    edged: true,
    field: at((u, v) => (Math.floor(u / side) + Math.floor(v / side)) & 1),
  };
}

/** Crossed pen lines of two directions. */
export function hatching(draws: Random): Pattern {
  const [first, second] = [between(draws, 3, 9), between(draws, 3, 9)];
  const [a, b] = [between(draws, 0, Math.PI), between(draws, 0, Math.PI)];
  const line = (x: number, y: number, angle: number, gap: number) =>
    modulo(x * Math.cos(angle) + y * Math.sin(angle), gap) < 1.2;
  return {
    edged: true,
    field: (x, y) => (line(x, y, a, first) || line(x, y, b, second) ? 1 : 0),
  };
}

/** Over and under: bands that cross, each rounded by its shading. */
export function weave(draws: Random): Pattern {
  const band = between(draws, 5, 14);
  return {
    edged: true,
    field: (x, y) => {
      const [i, j] = [Math.floor(x / band), Math.floor(y / band)];
      const across = (i + j) % 2 === 0 ? modulo(x, band) : modulo(y, band);
      return 0.25 + 0.75 * Math.sin((Math.PI * across) / band);
    },
  };
}

export function bricks(draws: Random): Pattern {
  const height = between(draws, 8, 18);
  const width = 2.4 * height;
  const tones = draws.uniforms(997);
  return {
    edged: true,
    field: (x, y) => {
      const row = Math.floor(y / height);
      const shifted = x + (row % 2) * (width / 2);
      const column = Math.floor(shifted / width);
      const mortar = modulo(y, height) < 1.5 || modulo(shifted, width) < 1.5;
      return mortar ? 0 : 0.55 + 0.45 * tones[Math.abs(row * 61 + column * 7) % tones.length]!;
    },
  };
}

/** Pointed ovals with a middle rib, in staggered rows. */
export function leaves(draws: Random): Pattern {
  const [length, width] = [between(draws, 22, 40), between(draws, 9, 16)];
  const at = turned(draws);
  return {
    edged: true,
    field: at((u, v) => {
      const row = Math.floor(v / width);
      const along = modulo(u + (row % 2) * (length / 2), length) / length;
      const across = Math.abs(modulo(v, width) / width - 0.5) * 2;
      const edge = Math.sin(Math.PI * along);
      if (across > edge) return 0;
      return across < 0.1 ? 1 : 0.35 + 0.4 * (1 - across / Math.max(edge, 0.01));
    }),
  };
}

/** Two fine gratings that differ by a little, and beat. */
export function moire(draws: Random): Pattern {
  const period = between(draws, 2.5, 5);
  const angle = between(draws, 0, Math.PI);
  const first = grating(period, angle, 0).field;
  const second = grating(period * between(draws, 1.02, 1.12), angle + 0.06, 0).field;
  return { edged: false, field: (x, y) => (first(x, y) + second(x, y)) / 2 };
}

/** Dots of one size on a grid. */
export function dots(draws: Random): Pattern {
  const gap = between(draws, 4, 14);
  const radius = gap * between(draws, 0.2, 0.38);
  const at = turned(draws);
  return {
    edged: true,
    field: at((u, v) =>
      Math.hypot(modulo(u, gap) - gap / 2, modulo(v, gap) - gap / 2) < radius ? 1 : 0,
    ),
  };
}

/** A field in axes turned by a random angle. */
function turned(draws: Random): (field: Field) => Field {
  const angle = between(draws, 0, Math.PI / 2);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return (field) => (x, y) => field(cos * x + sin * y, cos * y - sin * x);
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
