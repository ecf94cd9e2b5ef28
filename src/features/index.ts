/** Frozen networks that say what pictures show: features of sets, distances of pairs. */

export * from "./classifier-folder.ts";
export * from "./feature-network.ts";
export { INCEPTION_FILE, INCEPTION_NAME } from "./inception-network.ts";
export type { LpipsFiles } from "./lpips.ts";
export * from "./open-network.ts";
export * from "./small-resnet.ts";
export type { TextImageNetwork } from "./text-image-network.ts";
