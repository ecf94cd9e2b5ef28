/** Hangul: syllable blocks composed of letters, as the script itself does. */
import { type Script, squareGlyph } from "./script.ts";
import { type Box, fitStrokes, parseStrokes, type Stroke } from "./strokes.ts";

/** Strokes in the square 0…10, by the number that Unicode gives the letter as an initial. */
const initials: Readonly<Record<number, string>> = {
  0: "0,1 9,1 9,10",
  2: "1,0 1,9 10,9",
  3: "9,1 1,1 1,9 10,9",
  5: "1,0.5 9,0.5 9,5 1,5 1,9.5 10,9.5",
  6: "1,1 9,1 9,9 1,9 1,1",
  7: "1,0 1,9.5 9,9.5 9,0 | 1,4.5 9,4.5",
  9: "5,0 0,10 | 5,3 10,10",
  11: "(5,5,4.5,4.5,0,360)",
  12: "0,0.5 10,0.5 | 5,0.5 0,10 | 5,3.5 10,10",
  14: "4,-1.5 6,-1.5 | 0,1.5 10,1.5 | 5,1.5 0,10 | 5,4.5 10,10",
  15: "0,1 9,1 9,10 | 0,5 9,5",
  16: "9,0.5 1,0.5 1,9.5 10,9.5 | 1,5 9,5",
  17: "0,1 10,1 | 3,1 3,9 | 7,1 7,9 | 0,9 10,9",
  18: "3,-1.5 7,-1.5 | 0,1.5 10,1.5 | (5,6.6,3.5,3.2,0,360)",
};

/** Vowels that stand to the right of the initial. */
const uprightVowels: Readonly<Record<number, string>> = {
  0: "3,0 3,10 | 3,5 9,5",
  1: "1,0 1,10 | 1,5 7,5 | 7,0 7,10",
  2: "3,0 3,10 | 3,3 9,3 | 3,7 9,7",
  4: "7,0 7,10 | 1,5 7,5",
  5: "5,0 5,10 | -1,5 5,5 | 9,0 9,10",
  6: "7,0 7,10 | 1,3 7,3 | 1,7 7,7",
  20: "5,0 5,10",
};

/** Vowels that lie below the initial. */
const lyingVowels: Readonly<Record<number, string>> = {
  8: "0,8 10,8 | 5,1 5,8",
  12: "0,8 10,8 | 3,1 3,8 | 7,1 7,8",
  13: "0,2 10,2 | 5,2 5,9",
  17: "0,2 10,2 | 3,2 3,9 | 7,2 7,9",
  18: "0,5 10,5",
};

/** A final's number, and the initial that it looks like; 0 is none. */
const finals: readonly (readonly [number, number | undefined])[] = [
  [0, undefined],
  [1, 0],
  [4, 2],
  [8, 5],
  [16, 6],
  [17, 7],
  [19, 9],
  [21, 11],
];

interface Boxes {
  readonly initial: Box;
  readonly vowel: Box;
}

const finalBox: Box = { x: 4, y: 13.5, width: 12, height: 6 };

function boxes(upright: boolean, withFinal: boolean): Boxes {
  if (upright) {
    const height = withFinal ? 8 : 15;
    return {
      initial: { x: 1, y: 2.5, width: 9, height },
      vowel: { x: 12.5, y: 0.5, width: 7, height: withFinal ? 11 : 19 },
    };
  }
  return {
    initial: { x: 4, y: 2, width: 12, height: withFinal ? 4.5 : 8 },
    vowel: { x: 1, y: withFinal ? 7.5 : 11, width: 18, height: withFinal ? 4.5 : 8 },
  };
}

function syllables(vowels: Readonly<Record<number, string>>, upright: boolean) {
  return Object.entries(initials).flatMap(([initial, initialText]) =>
    Object.entries(vowels).flatMap(([vowel, vowelText]) =>
      finals.map(([final, shape]): [string, readonly Stroke[]] => {
        const place = boxes(upright, shape !== undefined);
        const strokes = [
          ...fitStrokes(parseStrokes(initialText), place.initial),
          ...fitStrokes(parseStrokes(vowelText), place.vowel),
          ...(shape === undefined ? [] : fitStrokes(parseStrokes(initials[shape]!), finalBox)),
        ];
        const code = 0xac00 + (Number(initial) * 21 + Number(vowel)) * 28 + final;
        return [String.fromCodePoint(code), strokes];
      }),
    ),
  );
}

export const hangul: Script = {
  name: "hangul",
  glyphs: new Map(
    [...syllables(uprightVowels, true), ...syllables(lyingVowels, false)].map(
      ([syllable, strokes]) => [syllable, squareGlyph(strokes)],
    ),
  ),
  top: -1.5,
  bottom: 21.5,
  space: 9,
};
