/** Pictures made by rule from a seed, which know what they show. */

export * from "./abstracts.ts";
export { devanagari } from "./devanagari.ts";
export { han } from "./han.ts";
export { hangul } from "./hangul.ts";
export { kana } from "./kana.ts";
export * from "./landscapes.ts";
export { latin } from "./latin.ts";
export * from "./patterns.ts";
export * from "./posters.ts";
export * from "./prompted-scenes.ts";
export type { Script } from "./script.ts";
export * from "./script-pages.ts";
export type { Glyph, Stroke } from "./strokes.ts";
export type { Cell, TextLine, TextPicture } from "./text-picture.ts";
