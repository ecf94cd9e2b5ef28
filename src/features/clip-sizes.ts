/** The sizes of CLIP (Radford et al. 2021, table 20) with a ViT as its image tower. */
import { isDeepStrictEqual } from "node:util";

/** `quick_gelu` is x·sigmoid(1.702x), with which OpenAI trained; others took GELU itself. */
export const clipActivations = ["quick_gelu", "gelu"] as const;
export type ClipActivation = (typeof clipActivations)[number];

export interface ClipTower {
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly activation: ClipActivation;
}

export interface ClipSizes {
  /** Numbers of an embedding, the same for pictures and texts. */
  readonly dimensions: number;
  /** `side` and `patch` in pixels. */
  readonly image: ClipTower & { readonly side: number; readonly patch: number };
  /** `longest`: ids of a text with the marks of its start and end. */
  readonly text: ClipTower & { readonly vocabulary: number; readonly longest: number };
}

/** OpenAI's towers have heads of this width. */
const HEAD_WIDTH = 64;

/** What OpenAI's code makes of a width where nothing says how many heads there are. */
export function headsOf(width: number): number {
  return Math.max(1, Math.floor(width / HEAD_WIDTH));
}

function tower(width: number, depth: number): ClipTower {
  return { width, depth, heads: headsOf(width), activation: "quick_gelu" };
}

const vocabulary = { vocabulary: 49_408, longest: 77 };
const base = { dimensions: 512, text: { ...tower(512, 12), ...vocabulary } };
const large = { dimensions: 768, text: { ...tower(768, 12), ...vocabulary } };

export type ClipPreset = "vit-b-32" | "vit-b-16" | "vit-l-14" | "vit-l-14-336";

export const clipPresets: Readonly<Record<ClipPreset, ClipSizes>> = {
  "vit-b-32": { ...base, image: { ...tower(768, 12), side: 224, patch: 32 } },
  "vit-b-16": { ...base, image: { ...tower(768, 12), side: 224, patch: 16 } },
  "vit-l-14": { ...large, image: { ...tower(1024, 24), side: 224, patch: 14 } },
  "vit-l-14-336": { ...large, image: { ...tower(1024, 24), side: 336, patch: 14 } },
};

/** The name of a preset, or for other sizes those of the image tower: `vit-w32-d2-p8`. */
export function clipPreset(sizes: ClipSizes): string {
  const known = Object.entries(clipPresets).find(([, preset]) => isDeepStrictEqual(preset, sizes));
  const { width, depth, patch } = sizes.image;
  return known?.[0] ?? `vit-w${width}-d${depth}-p${patch}`;
}
