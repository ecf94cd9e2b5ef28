/** Pictures: reading, writing, sheets. */

export * from "./grid.ts";
export * from "./picture.ts";
export * from "./read.ts";
export * from "./whole-file.ts";
export * from "./write.ts";
