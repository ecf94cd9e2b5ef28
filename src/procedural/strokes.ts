/**
 * Glyphs as pen strokes, written as short texts, so that pictures of text need no font of the system.
 *
 * Units: 20 to the em. Latin capitals reach from y = 0 to the baseline at y = 14; y points down.
 */

/** A pen's way: x0, y0, x1, y1, … in units. */
export type Stroke = readonly number[];

export interface Glyph {
  readonly strokes: readonly Stroke[];
  /** From its left edge to that of the next glyph, in units. */
  readonly advance: number;
}

/** Degrees between two points of an arc: the corner is off the curve by less than 1 %. */
const arcStep = 15;

/**
 * Strokes from their text: `|` parts them, `x,y` is a corner, `(cx,cy,rx,ry,from,to)` an arc of an
 * ellipse in degrees, 0 to the right and 90 downwards.
 */
export function parseStrokes(text: string): Stroke[] {
  return text.split("|").map((stroke) => stroke.trim().split(/\s+/).flatMap(pointsOf));
}

function pointsOf(token: string): number[] {
  const values = token.replace(/[()]/g, "").split(",").map(Number);
  const [cx, cy, rx, ry, from, to] = values;
  if (ry === undefined || rx === undefined) return values;
  const count = Math.max(1, Math.ceil(Math.abs(to! - from!) / arcStep));
  return Array.from({ length: count + 1 }, (_, i) => {
    const angle = ((from! + ((to! - from!) * i) / count) * Math.PI) / 180;
    return [cx! + rx * Math.cos(angle), cy! + ry * Math.sin(angle)];
  }).flat();
}

/** A rectangle in units. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Strokes of the square 0…10 brought into a box: how parts of a character are composed. */
export function fitStrokes(strokes: readonly Stroke[], box: Box): Stroke[] {
  return strokes.map((stroke) =>
    stroke.map((value, i) =>
      i % 2 === 0 ? box.x + (value * box.width) / 10 : box.y + (value * box.height) / 10,
    ),
  );
}
