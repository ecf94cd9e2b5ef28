/** A writing system: which characters there are and how each is drawn. */
import { type Glyph, parseStrokes, type Stroke } from "./strokes.ts";

export interface Script {
  readonly name: string;
  /** By the character that it stands for; the space is not among them. */
  readonly glyphs: ReadonlyMap<string, Glyph>;
  /** Vertical extent of the cells that hold glyphs, in units. */
  readonly top: number;
  readonly bottom: number;
  /** Advance of a space, in units. */
  readonly space: number;
}

/** Units on either side of a glyph. */
const bearing = 1.5;

/** A glyph from strokes that begin at x = 0, as wide as its ink. */
export function proportionalGlyph(text: string): Glyph {
  const strokes = parseStrokes(text);
  const xs = strokes.flatMap((stroke) => stroke.filter((_, i) => i % 2 === 0));
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  return {
    strokes: shift(strokes, bearing - least),
    advance: most - least + 2 * bearing,
  };
}

/** A glyph of a script whose characters all fill one square of 20 units. */
export function squareGlyph(strokes: readonly Stroke[]): Glyph {
  return { strokes: shift(strokes, bearing), advance: 20 + 2 * bearing };
}

function shift(strokes: readonly Stroke[], by: number): Stroke[] {
  return strokes.map((stroke) => stroke.map((value, i) => (i % 2 === 0 ? value + by : value)));
}
