/** Flat shapes that are drawn straight into pixels, with soft edges one pixel wide. */
import type { Colour } from "../images/picture.ts";

export const shapeNames = [
  "disc",
  "ring",
  "triangle",
  "square",
  "hexagon",
  "star",
  "cross",
  "bar",
] as const;

export type ShapeName = (typeof shapeNames)[number];

export interface Shape {
  readonly name: ShapeName;
  /** Middle and reach from it, in pixels. */
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Clockwise, in radians. */
  readonly angle: number;
  readonly colour: Colour;
}

/** RGB values 0…255 before they are rounded, [size, size, 3]. */
export interface Canvas {
  readonly size: number;
  readonly values: Float32Array;
}

/** Lays a shape over what is there. */
export function paintShape({ size, values }: Canvas, shape: Shape): void {
  const distance = distanceTo(shape);
  const inside = (value: number) => Math.min(Math.max(Math.round(value), 0), size - 1);
  const [left, right] = [inside(shape.x - shape.radius - 1), inside(shape.x + shape.radius + 1)];
  const [top, bottom] = [inside(shape.y - shape.radius - 1), inside(shape.y + shape.radius + 1)];
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const cover = Math.min(Math.max(0.5 - distance(x + 0.5, y + 0.5), 0), 1);
      if (cover === 0) continue;
      const at = 3 * (y * size + x);
      for (let c = 0; c < 3; c++) {
        values[at + c]! += cover * (shape.colour[c]! - values[at + c]!);
      }
    }
  }
}

/** Pixels from a point to the shape's edge, negative inside. */
export function distanceTo({
  name,
  x,
  y,
  radius,
  angle,
}: Shape): (px: number, py: number) => number {
  if (name === "disc") return (px, py) => Math.hypot(px - x, py - y) - radius;
  if (name === "ring") {
    const [middle, half] = [0.78 * radius, 0.22 * radius];
    return (px, py) => Math.abs(Math.hypot(px - x, py - y) - middle) - half;
  }
  const [cos, sin] = [radius * Math.cos(angle), radius * Math.sin(angle)];
  const corners = outlines[name].map(
    ([u, v]) => [x + u * cos - v * sin, y + u * sin + v * cos] as const,
  );
  return (px, py) => polygonDistance(corners, px, py);
}

type Point = readonly [x: number, y: number];

/** Corners within the unit circle. */
const outlines: Readonly<Record<Exclude<ShapeName, "disc" | "ring">, readonly Point[]>> = {
  triangle: regular(3),
  square: regular(4),
  hexagon: regular(6),
  star: regular(10).map(([x, y], i) => (i % 2 === 0 ? [x, y] : [0.42 * x, 0.42 * y])),
  cross: plus(0.93, 0.31),
  bar: [
    [-0.96, -0.26],
    [0.96, -0.26],
    [0.96, 0.26],
    [-0.96, 0.26],
  ],
};

/** The first corner points upwards. */
function regular(corners: number): Point[] {
  return Array.from({ length: corners }, (_, i) => {
    const turn = (2 * Math.PI * i) / corners;
    return [Math.sin(turn), -Math.cos(turn)];
  });
}

function plus(long: number, half: number): Point[] {
  const arm: Point[] = [
    [-half, -long],
    [half, -long],
    [half, -half],
  ];
  return [0, 1, 2, 3].flatMap((quarter) =>
    arm.map(([x, y]): Point => {
      const turns: readonly Point[] = [
        [x, y],
        [-y, x],
        [-x, -y],
        [y, -x],
      ];
      return turns[quarter]!;
    }),
  );
}

/** Signed distance; the sign by counting the edges to the right of the point. */
function polygonDistance(corners: readonly Point[], px: number, py: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [ax, ay] = corners[i]!;
    const [bx, by] = corners[j]!;
    const [ex, ey] = [bx - ax, by - ay];
    const [wx, wy] = [px - ax, py - ay];
    const along = Math.min(Math.max((wx * ex + wy * ey) / (ex * ex + ey * ey), 0), 1);
    nearest = Math.min(nearest, (wx - ex * along) ** 2 + (wy - ey * along) ** 2);
    if (ay > py !== by > py && px < ax + (ex * (py - ay)) / ey) inside = !inside;
  }
  return (inside ? -1 : 1) * Math.sqrt(nearest);
}
