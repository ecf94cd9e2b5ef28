/** Several pictures on one sheet, and enlargements that keep every pixel visible. */

import { ConfigError } from "../errors.ts";
import { blankPicture, type Colour, type Picture, requireOneSize, white } from "./picture.ts";

export interface GridOptions {
  /** Pictures per row; the root of their number unless given. */
  readonly columns?: number;
  /** Pixels between pictures and around them. */
  readonly gap?: number;
  readonly background?: Colour;
}

/** Pictures of one size in rows, first to last. @throws ShapeError if sizes differ. */
export function grid(
  pictures: readonly Picture[],
  {
    columns = Math.ceil(Math.sqrt(pictures.length)),
    gap = 2,
    background = white,
  }: GridOptions = {},
): Picture {
  const { width, height } = requireOneSize("grid", pictures);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new ConfigError({
      where: "grid.columns",
      expected: "a whole number from 1",
      got: String(columns),
    });
  }
  const across = Math.min(columns, pictures.length);
  const down = Math.ceil(pictures.length / across);
  const sheet = blankPicture(across * (width + gap) + gap, down * (height + gap) + gap, background);
  pictures.forEach((picture, i) => {
    const left = gap + (i % across) * (width + gap);
    const top = gap + Math.floor(i / across) * (height + gap);
    paste(picture, sheet, left, top);
  });
  return sheet;
}

/**
 * Pictures side by side, the steps of one generation from coarse to fine; smaller ones are enlarged
 * to the largest by repeating pixels.
 */
export function strip(
  pictures: readonly Picture[],
  { gap = 2, background = white }: Omit<GridOptions, "columns"> = {},
): Picture {
  const width = Math.max(0, ...pictures.map((picture) => picture.width));
  const height = Math.max(0, ...pictures.map((picture) => picture.height));
  const equal = pictures.map((picture) => nearest(picture, width, height));
  return grid(equal, { columns: Math.max(1, pictures.length), gap, background });
}

/** Every pixel as a square of `factor` × `factor` pixels. */
export function enlarge(picture: Picture, factor: number): Picture {
  if (!Number.isInteger(factor) || factor < 1) {
    throw new ConfigError({
      where: "enlarge.factor",
      expected: "a whole number from 1",
      got: String(factor),
    });
  }
  return nearest(picture, picture.width * factor, picture.height * factor);
}

function nearest(picture: Picture, width: number, height: number): Picture {
  if (picture.width === width && picture.height === height) return picture;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * picture.height) / height) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.floor((x * picture.width) / width)) * 3;
      const to = (y * width + x) * 3;
      data[to] = picture.data[from]!;
      data[to + 1] = picture.data[from + 1]!;
      data[to + 2] = picture.data[from + 2]!;
    }
  }
  return { width, height, data };
}

function paste(picture: Picture, sheet: Picture, left: number, top: number): void {
  const row = picture.width * 3;
  for (let y = 0; y < picture.height; y++) {
    const line = picture.data.subarray(y * row, (y + 1) * row);
    sheet.data.set(line, ((top + y) * sheet.width + left) * 3);
  }
}
