/** Frozen networks that say what pictures show: features of sets, distances of pairs. */

export * from "./classifier-folder.ts";
export * from "./feature-network.ts";
export * from "./open-network.ts";
export * from "./small-resnet.ts";
