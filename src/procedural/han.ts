/**
 * Signs in the manner of Han: radicals side by side or one above the other.
 *
 * Most of these pairs are no characters that exist, so they stand under code points for private use,
 * counted from U+E000.
 */
import { type Script, squareGlyph } from "./script.ts";
import { type Box, fitStrokes, parseStrokes, type Stroke } from "./strokes.ts";

/** In the square 0…10. */
const radicals: readonly (readonly Stroke[])[] = [
  "1,1 9,1 9,9 1,9 1,1",
  "1.5,0 8.5,0 8.5,10 1.5,10 1.5,0 | 1.5,5 8.5,5",
  "0.5,0.5 9.5,0.5 9.5,9.5 0.5,9.5 0.5,0.5 | 0.5,5 9.5,5 | 5,0.5 5,9.5",
  "0,3 10,3 | 5,0 5,10 | 5,3 0,8.5 | 5,3 10,8.5",
  "5,0 4.2,4 0,10 | 4.6,2.6 10,10",
  "1,3.5 9,3.5 | 5,0 5,9.5 | 0,9.5 10,9.5",
  "1,0.5 9,0.5 | 1.5,5 8.5,5 | 0,9.5 10,9.5 | 5,0.5 5,9.5",
  "5,0 5,9.5 | 0.5,4 0.5,9.5 9.5,9.5 9.5,4",
  "0,3.5 10,3.5 | 5,0 4.5,5 0,10 | 5,4 10,10",
  "4,0 2,5 8,10 | 7.5,3.5 5,8 0.5,10 | 0,3.5 10,3.5",
  "5,0 4.6,5 0,10 | 4.8,4 10,10 | 1,3 2.4,5.4 | 9,3 7.4,5",
  "0.5,3 9,3 8.5,9 6,9.5 | 5,0 4,6 0.5,10",
  "5,0 5,2 | 0.5,2.5 9.5,2.5 | 3,4.5 4,8.5 | 7,4.5 6,8.5 | 0,9.5 10,9.5",
  "0,0.5 10,0.5 | 5,0.5 0,7 | 2.5,5 8.5,5 8.5,9.5 2.5,9.5 2.5,5",
  "1,1 4,3.5 | 0,5 3,7 | 0.5,10 4.5,6.5 | 5,2 10,2 7.5,6 10,10",
  "1,0.5 9,0.5 9,4.5 1,4.5 1,9.5 9.5,9.5 9.5,7.5",
].map(parseStrokes);

/** Left and right, above and below. */
const splits: readonly (readonly [Box, Box])[] = [
  [
    { x: 0.5, y: 1, width: 8, height: 18 },
    { x: 11.5, y: 1, width: 8, height: 18 },
  ],
  [
    { x: 2, y: 0.5, width: 16, height: 8 },
    { x: 2, y: 11.5, width: 16, height: 8 },
  ],
];

const pairs = splits.flatMap(([first, second]) =>
  radicals.flatMap((a) =>
    radicals.map((b) => squareGlyph([...fitStrokes(a, first), ...fitStrokes(b, second)])),
  ),
);

export const han: Script = {
  name: "han",
  glyphs: new Map(pairs.map((glyph, i) => [String.fromCodePoint(0xe000 + i), glyph])),
  top: -1.5,
  bottom: 21.5,
  space: 9,
};
