/** Posters: a few words in large letters on a textured ground. */
import type { Colour, Picture } from "../images/picture.ts";
import { type Random, random } from "../random/random.ts";
import { between, colourOfLuma, luma, mix, pick } from "./colours.ts";
import { latin } from "./latin.ts";
import { type Paint, paintPicture } from "./mask.ts";
import { fractalNoise, valueNoise } from "./noise.ts";
import { cellsOf, lineWidth, type TextLine, type TextPicture, write } from "./text-picture.ts";
import { capitalised, word } from "./words.ts";

const margin = 28;
const steepest = (5 * Math.PI) / 180;
const smallestEm = 24;
const largestEm = 120;

/** 1 to 8 words of 24 to 120 pixels an em, turned by at most 5°, in colours that stand out. */
export function poster(seed: number, index: number, side = 512): TextPicture {
  const draws = random(seed, "poster", index);
  const words = Array.from({ length: 1 + draws.integer(8) }, () => styled(draws, word(draws)));
  const rows = rowsOf(draws, words);
  const angle = between(draws, -steepest, steepest);
  const scale = emOf(draws, rows, side) / 20;
  const dark = draws.uniform() < 0.5;
  const paper = colourOfLuma(draws, dark ? between(draws, 20, 75) : between(draws, 180, 235), 0.8);
  const ink = colourOfLuma(draws, dark ? between(draws, 190, 250) : between(draws, 5, 60), 0.9);
  const lines = place(rows, {
    scale,
    angle,
    pen: between(draws, 1.8, 2.6),
    contrast: luma(ink) - luma(paper),
    side,
  });
  const ground = texturedGround(draws, paper, side);
  return write(ground, latin, [{ lines, ink: () => ink }]);
}

function styled(draws: Random, text: string): string {
  const style = draws.uniform();
  if (style < 0.35) return text.toUpperCase();
  if (style < 0.9) return capitalised(text);
  return String(10 + draws.integer(9990));
}

/** One to three words a line. */
function rowsOf(draws: Random, words: readonly string[]): string[][] {
  const rows: string[][] = [];
  for (let i = 0; i < words.length; ) {
    const count = 1 + draws.integer(Math.min(3, words.length - i));
    rows.push(words.slice(i, i + count));
    i += count;
  }
  return rows;
}

/** As large as chance says and the sheet allows. */
function emOf(draws: Random, rows: readonly (readonly string[])[], side: number): number {
  const room = side - 2 * margin;
  const widest = Math.max(...rows.map((row) => lineWidth(cells(row, 1))));
  // a turned block needs more room than a straight one
  const fits = Math.min((0.93 * room) / widest, (0.93 * room) / (rows.length * lineUnits)) * 20;
  const most = Math.min(largestEm, fits);
  return Math.max(Math.min(smallestEm, fits), between(draws, 0.5, 1) * most);
}

const lineUnits = 25;

interface Style {
  readonly scale: number;
  readonly angle: number;
  readonly pen: number;
  readonly contrast: number;
  readonly side: number;
}

/** Lines centred one below the other, the block in the middle. */
function place(
  rows: readonly (readonly string[])[],
  { scale, angle, pen, contrast, side }: Style,
): TextLine[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return rows.map((row, i) => {
    const line = cells(row, scale);
    const along = -lineWidth(line) / 2;
    const across = ((i - rows.length / 2) * lineUnits + (lineUnits - 14) / 2) * scale;
    return {
      x: side / 2 + cos * along - sin * across,
      y: side / 2 + sin * along + cos * across,
      scale,
      angle,
      pen,
      contrast,
      cells: line,
    };
  });
}

function cells(row: readonly string[], scale: number) {
  return cellsOf(
    latin,
    row.map((text) => [...text]),
    { scale },
  );
}

/** Noise, a gradient, stripes or dots about one colour, weak beside the ink. */
function texturedGround(draws: Random, paper: Colour, side: number): Picture {
  const other = mix(paper, colourOfLuma(draws, luma(paper), 1), 0.5);
  const noise = fractalNoise(draws, 4);
  const speckle = valueNoise(draws);
  const grain = between(draws, 4, 24);
  const period = between(draws, 10, 40);
  const angle = between(draws, 0, Math.PI);
  const textures: readonly ((x: number, y: number) => number)[] = [
    (x, y) => noise((x / side) * grain, (y / side) * grain),
    (x, y) => (x * Math.cos(angle) + y * Math.sin(angle)) / side,
    (x, y) => 0.5 + 0.5 * Math.sin(((x * Math.cos(angle) + y * Math.sin(angle)) / period) * 6.28),
    (x, y) =>
      Math.hypot((x % period) - period / 2, (y % period) - period / 2) < period / 4 ? 1 : 0,
  ];
  const texture = pick(draws, textures);
  const depth = between(draws, 8, 22);
  const paint: Paint = (x, y) => {
    const t = texture(x, y);
    const [red, green, blue] = mix(paper, other, t);
    const shade = depth * (t - 0.5) + 4 * (speckle(x / 2, y / 2) - 0.5);
    return [red + shade, green + shade, blue + shade];
  };
  return paintPicture(side, side, paint);
}
