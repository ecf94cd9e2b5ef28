/** What the shapes of CLIP's weights do not say, from the `config.json` of Hugging Face's layout. */
import { z } from "zod";
import { readJson } from "../checkpoints/json-file.ts";
import { type ClipActivation, clipActivations } from "./clip-sizes.ts";

export interface ClipTowerConfig {
  /** Undefined: as many as OpenAI's code makes of the width. */
  readonly heads?: number | undefined;
  readonly activation: ClipActivation;
}

export interface ClipConfig {
  readonly image: ClipTowerConfig;
  readonly text: ClipTowerConfig;
}

const own: ClipTowerConfig = { activation: "quick_gelu" };

/** Without a config: OpenAI's. */
export const defaultClipConfig: ClipConfig = { image: own, text: own };

// the defaults are those of transformers' CLIPConfig; ε is the same in every release
const tower = z
  .looseObject({
    num_attention_heads: z.int().positive().optional(),
    hidden_act: z.enum(clipActivations).default("quick_gelu"),
    layer_norm_eps: z.literal(1e-5).default(1e-5),
  })
  .default({ hidden_act: "quick_gelu", layer_norm_eps: 1e-5 });

const configSchema = z.looseObject({ vision_config: tower, text_config: tower });

/** @throws CheckpointError listing the fields that are not those of a CLIP that this network has. */
export async function readClipConfig(path: string): Promise<ClipConfig> {
  const { vision_config: image, text_config: text } = await readJson(path, configSchema);
  const config = ({ num_attention_heads: heads, hidden_act: activation }: typeof image) => ({
    heads,
    activation,
  });
  return { image: config(image), text: config(text) };
}
