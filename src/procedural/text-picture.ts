/** Pictures of text that know what stands where, for readers that are told the layout. */
import type { Picture } from "../images/picture.ts";
import { drawStrokes, emptyMask, type Paint, paintOver } from "./mask.ts";
import type { Script } from "./script.ts";

/** One character's place in its line. */
export interface Cell {
  /** A key of the script's glyphs, or a space. */
  readonly character: string;
  /** Pixels along the line, from its origin. */
  readonly left: number;
  readonly width: number;
}

export interface TextLine {
  /** Where the line's first cell and y = 0 of its glyphs meet, in pixels. */
  readonly x: number;
  readonly y: number;
  /** Pixels per unit; 20 units are an em. */
  readonly scale: number;
  /** Clockwise, in radians. */
  readonly angle: number;
  /** Width of the pen in units. */
  readonly pen: number;
  /** Luma of the ink less that of its ground, in [-255, 255]. */
  readonly contrast: number;
  readonly cells: readonly Cell[];
}

export interface TextPicture {
  readonly picture: Picture;
  readonly script: Script;
  /** What is written: lines parted by one line break. */
  readonly text: string;
  readonly lines: readonly TextLine[];
}

export interface CellOptions {
  /** Pixels per unit. */
  readonly scale: number;
  /** Cells of whole pixels, so that equal characters look equal. */
  readonly snap?: boolean;
  /** Pixels added to each space. */
  readonly stretch?: readonly number[];
}

/** Cells of one line from left to right. */
export function cellsOf(
  script: Script,
  words: readonly (readonly string[])[],
  { scale, snap = false, stretch = [] }: CellOptions,
): Cell[] {
  const cells: Cell[] = [];
  let left = 0;
  const add = (character: string, units: number, extra = 0) => {
    const width = (snap ? Math.max(1, Math.round(units * scale)) : units * scale) + extra;
    cells.push({ character, left, width });
    left += width;
  };
  for (const [i, word] of words.entries()) {
    if (i > 0) add(" ", script.space, stretch[i - 1]);
    for (const character of word) add(character, script.glyphs.get(character)!.advance);
  }
  return cells;
}

/** Pixels from the first cell to the end of the last. */
export function lineWidth(cells: readonly Cell[]): number {
  const last = cells.at(-1);
  return last ? last.left + last.width : 0;
}

/** Where a point of a line lies in the picture, pixels along and across it. */
export function pointOn(
  { x, y, angle }: Pick<TextLine, "x" | "y" | "angle">,
  along: number,
  across: number,
): readonly [number, number] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [x + cos * along - sin * across, y + sin * along + cos * across];
}

/** A picture with lines written over it, each in its ink. */
export function write(
  ground: Picture,
  script: Script,
  groups: readonly { readonly lines: readonly TextLine[]; readonly ink: Paint }[],
): TextPicture {
  let picture = ground;
  for (const { lines, ink } of groups) {
    const mask = emptyMask(ground.width, ground.height);
    for (const line of lines) {
      for (const { character, left } of line.cells) {
        const glyph = script.glyphs.get(character);
        if (!glyph) continue;
        const [x, y] = pointOn(line, left, 0);
        const { scale, angle, pen } = line;
        drawStrokes(mask, glyph.strokes, { x, y, scale, angle }, pen * scale);
      }
    }
    picture = paintOver(picture, mask, ink);
  }
  const lines = groups.flatMap((group) => group.lines);
  return { picture, script, lines, text: lines.map(textOf).join("\n") };
}

function textOf({ cells }: TextLine): string {
  return cells.map(({ character }) => character).join("");
}
