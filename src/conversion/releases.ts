/** The systems whose official files Ordo reads. */
import { llamaGenRelease } from "./llamagen-release.ts";
import { marRelease } from "./mar-release.ts";
import type { Release } from "./release.ts";
import { varRelease } from "./var-release.ts";

export const releases: readonly Release[] = [varRelease, llamaGenRelease, marRelease];
