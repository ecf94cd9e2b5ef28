/** Signs in the manner of Devanagari: bodies that hang from a head line, with vowel signs. */
import type { Script } from "./script.ts";
import { type Glyph, parseStrokes } from "./strokes.ts";

/** Head line at y = 5, feet at y = 17, from x = 0 to 13. */
const bodies: Readonly<Record<string, string>> = {
  क: "7,5 7,17 | (3.8,10.5,3.2,2.6,0,360) | 7,9 (10,11,2.8,2.6,-120,100)",
  ख: "2,5 (2.4,8,2.6,2.6,-90,90) 1,13 5,15.5 | (8.6,11,2.2,2.2,0,360) | 12,5 12,17",
  ग: "5,5 5,13 (3.4,13,1.6,1.6,0,200) | 12,5 12,17",
  घ: "2,7 5,9 2,11 (6.5,12,4.5,3.6,180,20) | 12,5 12,17",
  च: "0.5,9 8,9 (6,12,3.4,3,-60,160) | 12,5 12,17",
  ज: "1,12 (4.5,13,3.5,3,180,0) 8,10 12,10 | 12,5 12,17",
  ट: "6,5 6,8 (6.5,12,4.5,4,-110,-380)",
  ड: "6,5 6,7 (6.5,9,3,2.2,-90,90) 3,11.2 (6.4,14,3.6,2.8,-150,120)",
  त: "12,10 6,10 (6,13,3.4,3,-90,-250) | 12,5 12,17",
  द: "6,5 6,8 (6,11,4,3,-90,-300) 9,17",
  न: "12,11 4,11 | (3.4,11,1.6,1.6,0,360) | 12,5 12,17",
  प: "2,5 2,10 (7,10,5,3.6,180,0) | 12,5 12,17",
  ब: "12,9 6,9 (6,12,4.4,3.4,-90,-360) 11,13 | 2.6,10 10,14.5 | 12,5 12,17",
  म: "2,5 2,14 | (2,13.6,1.5,1.5,0,360) | 2,10.5 12,10.5 | 12,5 12,17",
  य: "2,6 4,8.5 2,11 (7,11.4,5,4,180,10) | 12,5 12,17",
  र: "4,5 (5,8,3.4,3,-100,100) 3,11 9,17",
  ल: "12,8 (9.6,11,2.4,3.4,-60,-230) | 7.2,11 (4.4,11,2.8,3.6,0,-250) | 12,5 12,17",
  व: "12,9 6,9 (6,12,4.4,3.4,-90,-360) 12,11 | 12,5 12,17",
  स: "1,5 1,9 4,11 1,13 6,16.5 | 3.5,11 12,11 | 12,5 12,17",
  ह: "6,5 6,8 9,8 (6,11,4,2,-40,160) 8,14 (6,15.5,3.4,2,-30,180)",
};

/** Vowel signs around a body: above, below, or as a bar of their own with its width. */
const signs: readonly { readonly sign: string; readonly text?: string; readonly width: number }[] =
  [
    { sign: "", width: 0 },
    { sign: "ा", text: "16,5 16,17", width: 4 },
    { sign: "ी", text: "16,5 16,17 | 16,5 (12,4.6,4,4,0,-150)", width: 4 },
    { sign: "ु", text: "9,17 (6.6,18.6,2.6,1.8,-60,200)", width: 0 },
    { sign: "े", text: "12,5 8,1.5 5,0.5", width: 0 },
    { sign: "ो", text: "16,5 16,17 | 16,5 12,1.5 9,0.5", width: 4 },
    { sign: "ं", text: "(6,1.5,0.4,0.4,0,360)", width: 0 },
  ];

function glyph(body: string, sign: string | undefined, width: number): Glyph {
  const advance = 15.5 + width;
  const head = `0,5 ${advance},5`;
  return { strokes: parseStrokes([head, body, sign].filter(Boolean).join("|")), advance };
}

export const devanagari: Script = {
  name: "devanagari",
  glyphs: new Map(
    Object.entries(bodies).flatMap(([letter, body]) =>
      signs.map(({ sign, text, width }) => [letter + sign, glyph(body, text, width)] as const),
    ),
  ),
  top: -1.5,
  bottom: 21.5,
  space: 8,
};
