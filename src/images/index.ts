/** Pictures: reading, writing, sheets, and the recipes inside them. */

export * from "./describe.ts";
export * from "./embed-recipe.ts";
export * from "./grid.ts";
export type { CommonSettings } from "./parameters-text.ts";
export * from "./picture.ts";
export * from "./read.ts";
export * from "./read-mask.ts";
export * from "./read-recipe.ts";
export * from "./recipe.ts";
export * from "./resize.ts";
export * from "./whole-file.ts";
export * from "./write.ts";
