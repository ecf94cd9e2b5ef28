/** A benchmark of tokenizers: what survives the way to tokens and back (arXiv:2505.13439). */

export * from "./anchors.ts";
export * from "./codec.ts";
export * from "./codecs.ts";
export * from "./glyph-reader.ts";
export * from "./lossy.ts";
export * from "./open-tokenizers.ts";
export * from "./ranking.ts";
export * from "./result.ts";
export * from "./run.ts";
export * from "./spectrum.ts";
export * from "./split-score.ts";
export * from "./splits.ts";
export * from "./task.ts";
export * from "./tesseract-reader.ts";
export * from "./text-score.ts";
export * from "./user-split.ts";
