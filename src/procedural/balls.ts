/** Glossy balls on a table: smooth shading, soft shadows and small bright highlights. */
import type { Colour } from "../images/picture.ts";
import type { Random } from "../random/random.ts";
import { between, hsv, mix } from "./colours.ts";
import type { Paint } from "./mask.ts";
import { fractalNoise } from "./noise.ts";

interface Ball {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: Colour;
}

/** Where light comes from; a unit vector, z towards the viewer. */
const light = { x: -0.5, y: -0.62, z: 0.605 };

export function balls(draws: Random, width: number, height: number): Paint {
  const size = Math.min(width, height);
  const grain = fractalNoise(draws, 4);
  const edge = 0.38 * height;
  const wall = hsv(draws.uniform(), 0.3, 0.85);
  const wood = hsv(between(draws, 0.05, 0.12), 0.6, between(draws, 0.4, 0.8));
  const count = 4 + draws.integer(6);
  const all = Array.from({ length: count }, (): Ball => {
    const radius = between(draws, 0.05, 0.17) * size;
    return {
      x: between(draws, 0.05, 0.95) * width,
      y: between(draws, edge, height - 0.6 * radius),
      radius,
      colour: hsv(draws.uniform(), between(draws, 0.5, 1), between(draws, 0.5, 1)),
    };
  }).sort((a, b) => a.y - b.y);
  return (x, y) => {
    const ball = all.findLast((one) => Math.hypot(x - one.x, y - one.y) < one.radius);
    if (ball) return shaded(ball, x, y);
    if (y < edge) return mix(wall, [255, 255, 255], 0.4 * (1 - y / edge));
    const rings = Math.abs(Math.sin(26 * grain(x / size, (8 * y) / size)));
    const shadow = Math.max(0, ...all.map((one) => shadowOf(one, x, y)));
    return mix(mix(wood, [40, 22, 10], 0.5 * rings), [0, 0, 0], 0.65 * shadow);
  };
}

/** Diffuse light and a highlight (Blinn and Phong). */
function shaded({ x: cx, y: cy, radius, colour }: Ball, x: number, y: number): Colour {
  const [nx, ny] = [(x - cx) / radius, (y - cy) / radius];
  const nz = Math.sqrt(Math.max(0, 1 - nx * nx - ny * ny));
  const diffuse = Math.max(0, nx * light.x + ny * light.y + nz * light.z);
  // halfway between the light and the viewer
  const length = Math.hypot(light.x, light.y, light.z + 1);
  const half = (nx * light.x + ny * light.y + nz * (light.z + 1)) / length;
  const lit = mix([0, 0, 0], colour, 0.2 + 0.8 * diffuse);
  return mix(lit, [255, 255, 255], Math.max(0, half) ** 60);
}

/** An oval beside the ball's foot, away from the light, 1 at its centre. */
function shadowOf({ x: cx, y: cy, radius }: Ball, x: number, y: number): number {
  const [u, v] = [
    (x - cx - 0.5 * radius) / (1.3 * radius),
    (y - cy - 0.85 * radius) / (0.45 * radius),
  ];
  return Math.max(0, 1 - Math.hypot(u, v));
}
