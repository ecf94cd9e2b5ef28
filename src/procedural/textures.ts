/** Textures as functions of the plane, each with parameters drawn from a seed. */
import type { Random } from "../random/random.ts";
import { between } from "./colours.ts";
import { type Field, fractalNoise, valueNoise } from "./noise.ts";

/** 0…1 at a point; a picture is one unit wide. */
export type Texture = (x: number, y: number) => number;

export const textureNames = [
  "stripes",
  "checks",
  "dots",
  "rings",
  "rays",
  "bricks",
  "waves",
  "gradient",
  "clouds",
  "grain",
] as const;

export type TextureName = (typeof textureNames)[number];

/** A texture of a kind: scale, turn and place differ from draw to draw. */
export function texture(name: TextureName, draws: Random): Texture {
  const cells = between(draws, 3, 8);
  const angle = between(draws, -Math.PI, Math.PI);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [offsetX, offsetY] = [draws.uniform(), draws.uniform()];
  const turned = (of: Texture): Texture => {
    return (x, y) => of(x * cos + y * sin + offsetX, y * cos - x * sin + offsetY);
  };
  const [middleX, middleY] = [between(draws, 0.3, 0.7), between(draws, 0.3, 0.7)];
  switch (name) {
    case "stripes":
      return turned((x) => step(Math.sin(2 * Math.PI * cells * x) * 3));
    case "checks":
      return turned((x, y) =>
        step(6 * Math.sin(Math.PI * cells * x) * Math.sin(Math.PI * cells * y)),
      );
    case "dots":
      return turned((x, y) => {
        const far = Math.hypot(fraction(cells * x) - 0.5, fraction(cells * y) - 0.5);
        return step((0.3 - far) * 20);
      });
    case "rings":
      return (x, y) =>
        step(3 * Math.sin(2 * Math.PI * cells * Math.hypot(x - middleX, y - middleY)));
    case "rays": {
      const count = Math.round(1.5 * cells);
      return (x, y) => step(3 * Math.sin(count * Math.atan2(y - middleY, x - middleX)));
    }
    case "bricks":
      return (x, y) => {
        const row = Math.floor(cells * (y + offsetY));
        const across = fraction((cells / 2) * (x + offsetX) + (row % 2) / 2);
        const edge = Math.min(2 * Math.min(across, 1 - across), fraction(cells * (y + offsetY)));
        return step((edge - 0.14) * 20);
      };
    case "waves":
      return turned((x, y) =>
        step(3 * Math.sin(2 * Math.PI * (cells * x + 0.5 * Math.sin(2 * Math.PI * 3 * y)))),
      );
    case "gradient":
      return (x, y) => Math.min(Math.max(0.5 + (x - 0.5) * cos + (y - 0.5) * sin, 0), 1);
    case "clouds":
      return stretched(fractalNoise(draws, 3), 4);
    case "grain":
      return stretched(valueNoise(draws), 32);
  }
}

/** Noise that uses the whole range. */
function stretched(noise: Field, cells: number): Texture {
  return (x, y) => Math.min(Math.max(1.6 * (noise(cells * x, cells * y) - 0.5) + 0.5, 0), 1);
}

/** −0.5…0.5 becomes 0…1, all beyond is cut: edges stay soft. */
function step(x: number): number {
  return Math.min(Math.max(x + 0.5, 0), 1);
}

function fraction(x: number): number {
  return x - Math.floor(x);
}
