/**
 * The survey's taxonomy as words (arXiv:2411.05902; sheet survey, "Catalogue schema"): by what a
 * system predicts, in which order, with which parts and for which task.
 *
 * One rule where the survey has two: masked generation is the token family in a random order.
 */

export const axes = {
  /** What the sequence is made of: raw values, codes of one resolution, or whole maps. */
  family: ["pixel", "token", "scale"],
  /** What one step predicts. */
  unit: ["pixel", "byte", "token", "token-set", "token-map", "block", "frame"],
  order: [
    "raster",
    "random",
    "neighbour",
    "scale",
    "frequency",
    "detail",
    "one-dimensional",
    "frame",
    "axial",
    "octree",
    "file",
  ],
  tokenizer: [
    "none",
    "codec",
    "vq",
    "residual-vq",
    "multi-scale-residual-vq",
    "bsq",
    "lfq",
    "fsq",
    "vae",
    "foundation-features",
    "octree",
  ],
  latent: ["discrete", "binary", "continuous"],
  head: ["categorical", "bits", "diffusion", "flow", "mixture"],
  attention: ["causal", "block-causal", "block-diagonal", "bidirectional", "axial", "windowed"],
  predictor: [
    "adaln-transformer",
    "llama-transformer",
    "gpt-transformer",
    "masked-encoder-decoder",
    "two-stream-transformer",
    "diffusion-transformer",
    "axial-transformer",
    "mamba-hybrid",
    "u-net",
  ],
  conditioning: [
    "class",
    "text",
    "image",
    "control",
    "subject",
    "frames",
    "actions",
    "neighbours",
    "none",
  ],
  task: [
    "class-to-image",
    "text-to-image",
    "unconditional",
    "image-to-image",
    "control",
    "edit",
    "super-resolution",
    "subject",
    "video",
    "world",
    "3d",
    "unified",
    "understand",
  ],
} as const;

export type Axis = keyof typeof axes;
type Word<A extends Axis> = (typeof axes)[A][number];

/** Where a system stands on every axis. */
export interface Classes {
  readonly family: Word<"family">;
  readonly unit: Word<"unit">;
  readonly order: Word<"order">;
  readonly tokenizer: Word<"tokenizer">;
  readonly latent: Word<"latent">;
  readonly head: Word<"head">;
  readonly attention: Word<"attention">;
  readonly predictor: Word<"predictor">;
  readonly conditioning: readonly Word<"conditioning">[];
  readonly task: readonly Word<"task">[];
}

/** What a paper is to the others (sheet survey: `role`). */
export const roles = [
  "generator",
  "tokenizer",
  "accelerator",
  "trainer",
  "adapter",
  "evaluator",
  "survey",
] as const;
export type Role = (typeof roles)[number];

/** Whether some step predicts several tokens at once. */
export function isParallel({ unit }: Classes): boolean {
  return !["pixel", "byte", "token"].includes(unit);
}

/** The words of the classes, axis by axis, for filters and tables. */
export function wordsOf(classes: Classes): readonly { axis: Axis; word: string }[] {
  return (Object.keys(axes) as Axis[]).flatMap((axis) =>
    [classes[axis]].flat().map((word) => ({ axis, word })),
  );
}
