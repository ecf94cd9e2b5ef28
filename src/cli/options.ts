/** Flags that several commands share, under the names their peers use. */
import { type DeviceChoice, deviceChoices, deviceNames } from "../runtime/device-names.ts";
import { type Precision, precisions } from "../runtime/precision.ts";
import { type WeightFormat, weightFormats } from "../systems/weight-format.ts";
import type { Option } from "./command.ts";
import { drawableModels } from "./folders.ts";
import { choice, flag, integer, number, type Size, size, text } from "./schemas.ts";

export type { DeviceChoice };

export const defaultModel = "emoji-var";

const modelWords = "a shipped name, a model folder, or hf:owner/name";

export const model: Option<string> = {
  flags: "-m, --model <name>",
  summary: modelWords,
  env: "ORDO_MODEL",
  schema: text(modelWords).default(defaultModel),
  suggest: drawableModels,
};

export const seed: Option<number | undefined> = {
  flags: "-s, --seed <number>",
  summary: "where randomness starts; picture i of a batch has seed + i",
  // 32 bits, as the peers have it, so that recipes can be exchanged
  schema: integer({ from: 0, to: 2 ** 32 - 1 }).optional(),
};

export const count: Option<number> = {
  flags: "-n, --count <number>",
  summary: "how many pictures",
  schema: integer({ from: 1, to: 100_000 }).default(1),
};

export const output: Option<string | undefined> = {
  flags: "-o, --output <path>",
  summary: "a folder, a file, or a pattern with {prompt} {seed} {index} {model}",
  schema: text("a folder, a file or a pattern").optional(),
};

/** s in u + s (c - u): 1 is off. */
export const guidance: Option<number | undefined> = {
  flags: "--guidance <scale>",
  aliases: ["--cfg", "--cfg-scale"],
  summary: "how strongly to follow the condition; 1 is off",
  schema: number({ from: 0 }).optional(),
};

export const topK: Option<number | undefined> = {
  flags: "--top-k <number>",
  summary: "sample from the k likeliest tokens; 0 is off",
  schema: integer({ from: 0 }).optional(),
};

export const topP: Option<number | undefined> = {
  flags: "--top-p <share>",
  summary: "sample from the likeliest tokens that hold this share; 1 is off",
  schema: number({ above: 0, to: 1 }).optional(),
};

export const temperature: Option<number | undefined> = {
  flags: "--temperature <number>",
  summary: "below 1 is safer, above 1 is wilder",
  schema: number({ above: 0 }).optional(),
};

export const sizeOption: Option<Size | undefined> = {
  flags: "--size <size>",
  summary: "width x height in pixels: 64 or 64x96",
  schema: size().optional(),
};

export const device: Option<DeviceChoice> = {
  flags: "--device <name>",
  summary: `what computes: ${deviceNames.join(", ")}, or auto`,
  env: "ORDO_DEVICE",
  schema: choice(deviceChoices).default("cpu"),
  suggest: () => deviceChoices,
};

export const precision: Option<Precision> = {
  flags: "--precision <name>",
  summary: "what products are computed in: fp32, or fp16 on a GPU with shader-f16",
  schema: choice(precisions).default("fp32"),
  suggest: () => precisions,
};

export const pictureFormats = ["png", "jpeg", "webp"] as const;

export const format: Option<(typeof pictureFormats)[number] | undefined> = {
  flags: "--format <name>",
  summary: "png, jpeg or webp; png unless the output's name says otherwise",
  schema: choice(pictureFormats).optional(),
  suggest: () => pictureFormats,
};

/** For a model of classes instead of words. */
export const classOption: Option<string | undefined> = {
  flags: "--class <class>",
  summary: "for a model of classes: a name or a number from 0",
  schema: text("a class").optional(),
};

export const smooth: Option<boolean> = {
  flags: "--smooth",
  summary: "mix tokens instead of choosing them: softer to look at",
  schema: flag(),
};

export const frames: Option<boolean> = {
  flags: "--frames",
  summary: "also write all steps, as a strip (PNG) and an animation (WebP)",
  schema: flag(),
};

export const metadata: Option<boolean> = {
  flags: "--no-metadata",
  summary: "leave the recipe out of the files",
  schema: flag(true),
};

export const weights: Option<WeightFormat> = {
  flags: "--weights <format>",
  summary: `number format of the transformer's matrices: ${weightFormats.join(", ")}`,
  schema: choice(weightFormats).default("fp32"),
  suggest: () => weightFormats,
};

export const force: Option<boolean> = {
  flags: "--force",
  summary: "overwrite existing files",
  schema: flag(),
};
