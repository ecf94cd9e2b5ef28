/** Metrics: definitions without any model; features, logits and texts come from the caller. */

export * from "./bootstrap.ts";
export * from "./codebook-statistics.ts";
export * from "./embedding-similarity.ts";
export * from "./features.ts";
export * from "./frechet.ts";
export * from "./geneval.ts";
export * from "./inception-score.ts";
export * from "./kernel-distance.ts";
export * from "./likelihood.ts";
export * from "./moments.ts";
export type { NpyDtype, NpyHeader, NpyValues } from "./npy-header.ts";
export * from "./npz-read.ts";
export * from "./npz-write.ts";
export * from "./perceptual-distance.ts";
export * from "./precision-recall.ts";
export * from "./psnr.ts";
export * from "./ssim.ts";
export * from "./statistics-file.ts";
export * from "./symmetric-eigenvalues.ts";
export * from "./text-errors.ts";
