import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stateDictOf } from "../../test/checkpoints/official-files.ts";
import { writeTorchFile } from "../../test/checkpoints/torch-file.ts";
import { tinyClip, tinyClipTensors } from "../../test/features/tiny-clip.ts";
import { writeSafetensors } from "../checkpoints/safetensors.ts";
import {
  elementCount,
  float32Tensor,
  type TensorData,
  type TensorMap,
  toFloat32,
} from "../checkpoints/tensor-data.ts";
import { CheckpointError } from "../errors.ts";
import { traceClipImages, traceClipTexts } from "./clip.ts";
import { type ClipConfig, defaultClipConfig } from "./clip-config.ts";
import { huggingFace, openAi } from "./clip-layouts.ts";
import { type ClipPreset, clipPreset, clipPresets } from "./clip-sizes.ts";
import { clipParameters, openClipWeights } from "./clip-weights.ts";

const two: ClipConfig["image"] = { heads: 2, activation: "quick_gelu" };
const config: ClipConfig = { image: two, text: two };

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ordo-clip-weights-"));
});
afterAll(() => rm(root, { recursive: true }));

async function opened(tensors: TensorMap, given = config) {
  const path = join(root, "model.safetensors");
  await writeSafetensors(path, tensors);
  return openClipWeights(path, given);
}

describe("the parameters of CLIP", () => {
  it.each<[ClipPreset, number]>([
    ["vit-b-32", 151_277_313],
    ["vit-b-16", 149_620_737],
    ["vit-l-14", 427_616_513],
    ["vit-l-14-336", 427_944_193],
  ])("are counted to the unit for %s, under either naming", (name, count) => {
    for (const layout of [huggingFace, openAi]) {
      const shapes = clipParameters(clipPresets[name], layout).map(({ shape }) => shape);
      expect(shapes.reduce((sum, shape) => sum + elementCount(shape), 0)).toBe(count);
    }
    expect(clipPreset(clipPresets[name])).toBe(name);
  });

  it("have the released names", () => {
    const names = (layout?: typeof openAi) =>
      clipParameters(clipPresets["vit-b-32"], layout).map(({ name }) => name);
    expect([names().length, names(openAi).length]).toEqual([398, 302]);
    expect(names()).toContain("text_model.encoder.layers.11.self_attn.k_proj.bias");
    expect(names(openAi)).toContain("visual.transformer.resblocks.11.attn.in_proj_bias");
  });
});

describe("CLIP's weights in a file", () => {
  it("give its sizes, and queries, keys and values as one", async () => {
    const tensors = tinyClipTensors();
    const positions: TensorData = {
      dtype: "int64",
      shape: [1, 12],
      data: BigInt64Array.from({ length: 12 }, (_, i) => BigInt(i)),
    };
    const buffer = "text_model.embeddings.position_ids";
    const weights = await opened(new Map([...tensors, [buffer, positions]]));
    expect(weights.sizes).toEqual(tinyClip);
    const values = await weights.read(traceClipTexts(weights.sizes).scope.specs);
    await weights.close();
    const keys = tensors.get("text_model.encoder.layers.1.self_attn.k_proj.weight")!.data;
    expect(values.get("text.blocks.1.qkv.weight")!.subarray(32 * 32, 2 * 32 * 32)).toEqual(keys);
  });

  it("may have OpenAI's names, in a PyTorch file, with projections the other way round", async () => {
    const path = join(root, "ViT-tiny.pt");
    const official = tinyClipTensors(openAi);
    const { value, storages } = stateDictOf(official);
    await writeTorchFile(path, value, storages);
    const weights = await openClipWeights(path, config);
    expect(weights.sizes).toEqual(tinyClip);
    const values = await weights.read(traceClipImages(weights.sizes).scope.specs);
    await weights.close();
    const { shape, data } = official.get("visual.proj")!;
    expect(shape).toEqual([32, 8]);
    const turned = values.get("image.projection.weight")!;
    expect(turned[5 * 32 + 3]).toBe(data[3 * 8 + 5]);
    const heads = "visual.transformer.resblocks.0.attn.in_proj_weight";
    expect(values.get("image.blocks.0.qkv.weight")).toEqual(toFloat32(official.get(heads)!));
  });

  it("have as many heads as OpenAI's code makes of the width, unless a config says", async () => {
    const weights = await opened(tinyClipTensors(), defaultClipConfig);
    await weights.close();
    expect([weights.sizes.image.heads, weights.sizes.text.heads]).toEqual([1, 1]);
    expect(clipPreset(weights.sizes)).toBe("vit-w32-d2-p8");
  });

  it("are refused with all that is missing, wrong and surplus in one error", async () => {
    const tensors = new Map(tinyClipTensors());
    tensors.delete("vision_model.encoder.layers.1.mlp.fc2.bias");
    tensors.set("text_projection.weight", float32Tensor([9, 32], new Float32Array(9 * 32)));
    tensors.set("text_model.extra", float32Tensor([1], new Float32Array(1)));
    const opening = opened(tensors);
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(
      "1 missing: vision_model.encoder.layers.1.mlp.fc2.bias; " +
        "1 wrong: text_projection.weight [9, 32] instead of [8, 32]; 1 surplus: text_model.extra",
    );
  });

  it("are refused if their sizes cannot be told, or if they are of something else", async () => {
    const tensors = new Map(tinyClipTensors());
    tensors.delete("text_model.embeddings.position_embedding.weight");
    const patches = "vision_model.embeddings.patch_embedding.weight";
    tensors.set(patches, float32Tensor([32], new Float32Array(32)));
    await expect(opened(tensors)).rejects.toThrow(
      `got ${patches} [32]; text_model.embeddings.position_embedding.weight missing`,
    );
    const uneven = new Map(tinyClipTensors());
    const positions = "vision_model.embeddings.position_embedding.weight";
    uneven.set(positions, float32Tensor([7, 32], new Float32Array(7 * 32)));
    await expect(opened(uneven)).rejects.toThrow(`${positions} of 7 rows, not a square and one`);
    const other = new Map([["conv1.weight", float32Tensor([1], new Float32Array(1))]]);
    await expect(opened(other)).rejects.toThrow(
      `with ${patches} or visual.conv1.weight, got keys like conv1.weight`,
    );
  });
});
