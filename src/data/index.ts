/** Data sets: opening, caching, augmentation, batches. */

export * from "./augment.ts";
export { type BatchSchedule, batchIndices } from "./batch-indices.ts";
export * from "./batches.ts";
export * from "./cache.ts";
export * from "./dataset.ts";
export type { Example, Skipped } from "./example.ts";
export * from "./filter.ts";
export {
  type Loader,
  type LoaderOptions,
  type LoaderStart,
  startLoader,
} from "./loader.ts";
