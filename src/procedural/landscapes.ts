/** Varied scenes: land under a sky, towns at dusk, and glossy balls, for reconstruction as a whole. */
import type { Colour, Picture } from "../images/picture.ts";
import { type Random, random } from "../random/random.ts";
import { balls } from "./balls.ts";
import { between, hsv, mix } from "./colours.ts";
import { type Paint, paintPicture } from "./mask.ts";
import { fractalNoise } from "./noise.ts";
import { town } from "./town.ts";

/** One scene of any size; the three kinds take turns. */
export function landscape(seed: number, index: number, width = 512, height = 512): Picture {
  const draws = random(seed, "landscape", index);
  const kind = [land, town, balls][index % 3]!;
  return paintPicture(width, height, kind(draws, width, height));
}

const shortestSide = 192;
const longestSide = 1024;

/** Sides of 192 to 1024 pixels, as wide as 3:1 and as tall as 1:3, multiples of 8. */
export function variedSize(seed: number, index: number): { width: number; height: number } {
  const draws = random(seed, "size", index);
  const ratio = 3 ** draws.uniform();
  const short = between(draws, shortestSide, longestSide / ratio);
  const [long, wide] = [short * ratio, draws.uniform() < 0.5];
  return { width: eighths(wide ? long : short), height: eighths(wide ? short : long) };
}

function eighths(pixels: number): number {
  return 8 * Math.round(pixels / 8);
}

interface Ridge {
  readonly height: (x: number) => number;
  readonly colour: Colour;
}

/** A sky with a sun, and ridges that grow darker and rougher towards the viewer. */
function land(draws: Random, width: number, height: number): Paint {
  const size = Math.max(width, height);
  const hue = draws.uniform();
  const [zenith, horizon] = [hsv(hue, 0.6, 0.75), hsv(hue + 0.12, 0.35, 1)];
  const sun = { x: between(draws, 0.1, 0.9) * width, y: between(draws, 0.08, 0.4) * height };
  const clouds = fractalNoise(draws, 5);
  const ground = fractalNoise(draws, 5);
  const near = hsv(between(draws, 0.2, 0.45), 0.55, 0.3);
  const ridges = Array.from({ length: 4 }, (_, k): Ridge => {
    const noise = fractalNoise(draws, 5);
    const base = (0.45 + 0.14 * k) * height;
    const rise = (0.28 - 0.05 * k) * height;
    return {
      height: (x) => base - rise * (noise((x / size) * (3 + 2 * k), k) - 0.35),
      colour: mix(horizon, near, (k + 1) / 4),
    };
  });
  return (x, y) => {
    const front = ridges.findLast((ridge) => y > ridge.height(x));
    if (!front) {
      const sky = mix(zenith, horizon, Math.min(1, y / (0.6 * height)));
      const cloud = Math.max(0, clouds((x / size) * 5, (y / size) * 12) - 0.52) * 2.2;
      const distance = Math.hypot(x - sun.x, y - sun.y) / size;
      const glow = distance < 0.035 ? 1 : Math.exp(-distance * 11) * 0.8;
      return mix(mix(sky, [255, 255, 255], Math.min(1, cloud)), [255, 248, 220], glow);
    }
    const shade = 0.6 + 0.8 * ground((x / size) * 40, (y / size) * 60);
    const [red, green, blue] = front.colour;
    return [red * shade, green * shade, blue * shade];
  };
}
