/**
 * The shipped feature network: emoji by kind and procedural scenes, 64×64.
 *
 *   ordo train emoji-scenes --data noto-emoji-128.zip --out runs/emoji-scenes
 */
import { defaultPlan } from "../training/plan.ts";
import { cosineRate } from "../training/schedules.ts";
import { emojiCard } from "./emoji-card.ts";
import type { ClassifierRecipe } from "./recipe.ts";

export const emojiScenes: ClassifierRecipe = {
  kind: "classifier",
  name: "emoji-scenes",
  summary: "the shipped features for distances between sets: kinds of emoji and procedural scenes",
  card: {
    ...emojiCard,
    summary: "Names the kind of an emoji, or what a procedural scene shows, at 64×64 pixels.",
    limits: [
      "Its features tell apart what emoji and flat shapes differ in; they are blind to much of what photographs show.",
      "It was trained on most of the emoji that emoji-var was trained on: distances of emoji models may come out lower than under a network that has not seen them.",
      "Numbers taken with it compare with no others, and are never called FID.",
    ],
  },
  data: {
    size: 64,
    // variants of one picture that differ in skin tone only would lie on both sides of the division
    exclude: [{ field: "text", pattern: "skin tone" }],
    augment: { shift: 0.1, scale: 0.25, flip: 0.5, hue: 25, brightness: 0.2 },
    test: { share: 0.15 },
    classes: { field: "subgroup", otherwise: "group", atLeast: 12 },
  },
  dataset: "emoji-scenes",
  network: {
    arch: "small-resnet",
    channels: [16, 32, 64, 128, 128],
    blocks: [0, 1, 1, 1, 1],
    dimensions: 128,
    groups: 8,
  },
  smoothing: 0.1,
  scenes: { perBatch: 32 },
  plan: {
    ...defaultPlan,
    steps: 2400,
    batchSize: 32,
    learningRate: 3e-3,
    schedule: cosineRate({ warmup: { share: 0.05 }, warmupStart: 0.05, end: 0.005 }),
    beta2: 0.99,
    averaging: { decay: 0.998, warmup: true },
    previewEvery: 400,
  },
};
