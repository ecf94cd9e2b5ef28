/** Abstracts: a page of small, dense, justified text, dark on light. */
import { blankPicture, type Colour } from "../images/picture.ts";
import { random } from "../random/random.ts";
import { luma } from "./colours.ts";
import { latin } from "./latin.ts";
import { cellsOf, lineWidth, type TextLine, type TextPicture, write } from "./text-picture.ts";
import { capitalised, prose, word } from "./words.ts";

const margin = 20;
const pen = 1.9;

/** 120 to 200 words of 10 to 16 pixels an em under a heading; as high as the text needs. */
export function abstractPage(seed: number, index: number, width = 512): TextPicture {
  const draws = random(seed, "abstract", index);
  const em = 10 + draws.integer(7);
  const scale = em / 20;
  const heading = Array.from({ length: 3 + draws.integer(3) }, () => capitalised(word(draws)));
  const body = prose(draws, 120 + draws.integer(81));
  const [ink, paper]: [Colour, Colour] = [
    greyOf(20 + draws.integer(30)),
    greyOf(240 + draws.integer(16)),
  ];
  const contrast = luma(ink) - luma(paper);
  const leading = Math.round(1.35 * em);
  const style = { angle: 0, contrast };
  const first: TextLine = {
    ...style,
    x: margin,
    y: margin,
    scale: 1.4 * scale,
    pen: 2.4,
    cells: cellsOf(latin, heading.map(letters), { scale: 1.4 * scale, snap: true }),
  };
  const start = margin + Math.round(1.9 * em);
  const rest = broken(body, scale, width - 2 * margin).map(
    (cells, i): TextLine => ({ ...style, x: margin, y: start + i * leading, scale, pen, cells }),
  );
  const height = start + rest.length * leading + margin;
  return write(blankPicture(width, height, paper), latin, [
    { lines: [first, ...rest], ink: () => ink },
  ]);
}

function greyOf(level: number): Colour {
  return [level, level, level];
}

function letters(text: string): string[] {
  return [...text];
}

/** Lines as full as they get, all but the last stretched to the column by whole pixels. */
function broken(words: readonly string[], scale: number, column: number) {
  const options = { scale, snap: true };
  const lines: string[][] = [[]];
  for (const next of words) {
    const line = [...lines.at(-1)!, next];
    if (lineWidth(cellsOf(latin, line.map(letters), options)) <= column)
      lines[lines.length - 1] = line;
    else lines.push([next]);
  }
  return lines.map((line, i) => {
    const cells = cellsOf(latin, line.map(letters), options);
    const gaps = line.length - 1;
    if (i === lines.length - 1 || gaps === 0) return cells;
    const spare = column - lineWidth(cells);
    const stretch = Array.from(
      { length: gaps },
      (_, k) => Math.floor((spare * (k + 1)) / gaps) - Math.floor((spare * k) / gaps),
    );
    return cellsOf(latin, line.map(letters), { ...options, stretch });
  });
}
