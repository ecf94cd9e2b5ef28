/** The hub: references, the shared cache, and downloads into it. */

export * from "./byte-words.ts";
export * from "./cached.ts";
export * from "./pull.ts";
export type { FileState } from "./pull-plan.ts";
export * from "./reference.ts";
export * from "./settings.ts";
