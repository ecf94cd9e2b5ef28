/**
 * The oracle-layout reader: it is told where every cell lies and chooses the sign whose clean render
 * correlates best with what the cell shows. It has no language to mend broken words with.
 */
import type { Picture } from "../images/picture.ts";
import { luma } from "../procedural/colours.ts";
import { drawStrokes, emptyMask } from "../procedural/mask.ts";
import type { Script } from "../procedural/script.ts";
import { pointOn, type TextLine, type TextPicture } from "../procedural/text-picture.ts";

/** Below this correlation a cell reads as blank. */
const leastCorrelation = 0.5;
/** So it does below this share of the contrast that the ink was written with. */
const leastContrast = 0.15;
/** Samples to an em; finer cells add time and no certainty. */
const finest = 24;

/** Reads a picture of the same layout: an original or what a codec made of it. */
export type GlyphReader = (picture: Picture) => string;

/** A reader for one layout. What it returns has a space wherever a cell is blank. */
export function glyphReader({ script, lines }: Pick<TextPicture, "script" | "lines">): GlyphReader {
  const banks = new Map<string, (columns: number) => readonly Template[]>();
  const bankOf = (line: TextLine) => {
    const key = `${line.scale} ${line.pen}`;
    const known = banks.get(key) ?? templateBank(script, line);
    banks.set(key, known);
    return known;
  };
  return (picture) => {
    const levels = lumaOf(picture);
    return lines
      .map((line) => line.cells.map((cell) => readCell(levels, line, cell, script, bankOf(line))))
      .map((signs) => signs.join(""))
      .join("\n");
  };
}

/** A clean render, cut to the columns of a cell. */
interface Template {
  readonly sign: string;
  /** Less its mean, with a length of 1. */
  readonly values: Float32Array;
  /** Root of its summed squares before that: what turns correlation into contrast. */
  readonly length: number;
  /** Root of the share of its ink that lies inside the cell. */
  readonly inside: number;
}

/** The sampling of a line's cells: distance of samples in pixels, and rows in samples. */
function samplingOf(script: Script, { scale }: TextLine) {
  const pitch = Math.max(1, (20 * scale) / finest);
  const first = Math.floor((script.top * scale) / pitch);
  const rows = Math.ceil((script.bottom * scale) / pitch) - first;
  return { pitch, first, rows };
}

function templateBank(script: Script, line: TextLine): (columns: number) => readonly Template[] {
  const { pitch, first, rows } = samplingOf(script, line);
  const scale = line.scale / pitch;
  const renders = [...script.glyphs].map(([sign, { strokes, advance }]) => {
    const mask = emptyMask(Math.ceil(advance * scale) + 2, rows);
    drawStrokes(mask, strokes, { x: 0, y: -first, scale }, line.pen * scale);
    return { sign, mask };
  });
  const cut = new Map<number, readonly Template[]>();
  return (columns) => {
    const known = cut.get(columns) ?? renders.map(({ sign, mask }) => cutTo(sign, mask, columns));
    cut.set(columns, known);
    return known;
  };
}

function cutTo(sign: string, mask: ReturnType<typeof emptyMask>, columns: number): Template {
  const cell = new Float32Array(columns * mask.height);
  for (let y = 0; y < mask.height; y++) {
    const row = mask.data.subarray(y * mask.width, (y + 1) * mask.width);
    cell.set(row.subarray(0, columns), y * columns);
  }
  const total = Math.max(sumOfSquares(mask.data), 1e-12);
  const inside = Math.sqrt(sumOfSquares(cell) / total);
  return { sign, ...centred(cell), inside };
}

function readCell(
  levels: Levels,
  line: TextLine,
  { left, width }: TextLine["cells"][number],
  script: Script,
  bank: (columns: number) => readonly Template[],
): string {
  const sampling = samplingOf(script, line);
  const columns = Math.max(1, Math.round(width / sampling.pitch));
  const cell = centred(sampleCell(levels, line, { ...sampling, left, columns }));
  const sign = Math.sign(line.contrast);
  let [best, bestScore] = [" ", 0];
  for (const template of bank(columns)) {
    const correlation = sign * dot(cell.values, template.values);
    if (correlation < leastCorrelation) continue;
    const contrast = (correlation * cell.length) / template.length;
    if (contrast < leastContrast * Math.abs(line.contrast)) continue;
    const score = correlation * template.inside;
    if (score > bestScore) [best, bestScore] = [template.sign, score];
  }
  return best;
}

interface Levels {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

function lumaOf({ width, height, data }: Picture): Levels {
  const levels = Float32Array.from({ length: width * height }, (_, i) =>
    luma([data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!]),
  );
  return { width, height, data: levels };
}

interface CellSampling {
  readonly pitch: number;
  readonly first: number;
  readonly rows: number;
  readonly left: number;
  readonly columns: number;
}

/** Samples in the line's own frame, each the mean of as many points as it has pixels. */
function sampleCell(
  levels: Levels,
  line: TextLine,
  { pitch, first, rows, left, columns }: CellSampling,
): Float32Array {
  const points = Math.ceil(pitch);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let i = 0; i < points * points; i++) {
        const along = left + (column + ((i % points) + 0.5) / points) * pitch;
        const across = (first + row + (Math.floor(i / points) + 0.5) / points) * pitch;
        sum += levelAt(levels, ...pointOn(line, along, across));
      }
      values[row * columns + column] = sum / (points * points);
    }
  }
  return values;
}

/** Between pixel centres, bilinear; the edge goes on outside. */
function levelAt({ width, height, data }: Levels, x: number, y: number): number {
  const px = Math.min(width - 1, Math.max(0, x - 0.5));
  const py = Math.min(height - 1, Math.max(0, y - 0.5));
  const [x0, y0] = [Math.floor(px), Math.floor(py)];
  const [x1, y1] = [Math.min(width - 1, x0 + 1), Math.min(height - 1, y0 + 1)];
  const [u, v] = [px - x0, py - y0];
  const top = data[y0 * width + x0]! * (1 - u) + data[y0 * width + x1]! * u;
  const bottom = data[y1 * width + x0]! * (1 - u) + data[y1 * width + x1]! * u;
  return top * (1 - v) + bottom * v;
}

function centred(raw: Float32Array): { values: Float32Array; length: number } {
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  const values = raw.map((value) => value - mean);
  const length = Math.sqrt(sumOfSquares(values));
  // float32 leaves a little of a constant
  if (length < 1e-3) return { values: values.fill(0), length: 0 };
  return { values: values.map((value) => value / length), length };
}

function sumOfSquares(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return sum;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
