/**
 * Ordo in a browser: the same graphs on the engine's builds for the web. Nothing here needs a page, so
 * that it works in workers too.
 *
 * @example
 * const device = await openDevice();
 * const model = await load("models/emoji-var/", device);
 * for await (const step of model.steps("red apple", { seed: 7 })) {
 *   const picture = await step.picture();
 *   context.putImageData(new ImageData(toRgba(picture), picture.width, picture.height), 0, 0);
 * }
 *
 * @module
 */
export * from "../errors.ts";
export type { Picture } from "../images/picture.ts";
export { fromRgba, type RgbaPicture, toRgba } from "../images/rgba.ts";
export type { Device } from "../runtime/device.ts";
export type { Drawing, EditOptions, GenerateOptions, Model, ModelStep } from "../systems/model.ts";
export { type BrowserDeviceOptions, openDevice } from "./device.ts";
export type { DownloadOptions, DownloadProgress } from "./download.ts";
export { load } from "./load.ts";
export { pageTokenizer, pageVar, type WordsVarRecipe } from "./page-recipes.ts";
export { type TrainedTokenizer, type TrainOptions, trainModel, trainTokenizer } from "./train.ts";
export type { TrainingProgress, TrainingWatch } from "./train-loop.ts";
export type { TrainingPicture } from "./training-pictures.ts";
