/**
 * Ordo: visual autoregressive generation in TypeScript.
 *
 * @example
 * const device = await openDevice("cpu");
 * const model = await load("emoji-var", device);
 * const { picture } = await model.draw("rocket", { seed: 7 });
 * await writePicture(picture, "rocket.png");
 * await model.close();
 *
 * @module
 */
export * from "./errors.ts";
export type { Picture } from "./images/picture.ts";
export { readPicture } from "./images/read.ts";
export { writePicture } from "./images/write.ts";
export { type Device, openDevice } from "./runtime/device.ts";
export { systems } from "./systems/index.ts";
export { load } from "./systems/load.ts";
export { type Drawing, type EditOptions, type GenerateOptions, Model } from "./systems/model.ts";
