import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyClipTensors, writeTinyClip } from "../../test/features/tiny-clip.ts";
import { writeSafetensors } from "../checkpoints/safetensors.ts";
import { CheckpointError } from "../errors.ts";
import type { Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import { type Device, openDevice } from "../runtime/device.ts";
import { huggingFace, openAi } from "./clip-layouts.ts";
import { openTextImageNetwork } from "./open-network.ts";

let root: string;
let device: Device;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ordo-clip-"));
  device = await openDevice("cpu");
});
afterAll(() => rm(root, { recursive: true }));

function noise(seed: number, width: number, height: number): Picture {
  const uniforms = random(1, "noise", seed).uniforms(width * height * 3);
  return { width, height, data: Uint8Array.from(uniforms, (u) => u * 256) };
}

describe("CLIP from a folder", () => {
  it("embeds pictures of any size and texts of any length, each as if alone", async () => {
    const folder = join(root, "tiny");
    await writeTinyClip(folder);
    const network = await openTextImageNetwork(device, folder);
    expect(network.name).toMatch(/^clip-vit-w32-d2-p8-[0-9a-f]{8}$/);
    expect(network.preprocessing).toBe(
      "Pillow's bicubic with antialiasing, shorter side to 16, middle 16x16 cropped, " +
        "CLIP's mean and deviation; texts in lower case, at most 12 ids",
    );
    const pictures = Array.from({ length: 17 }, (_, i) => noise(i, 20 + i, 40 - i));
    const together = await network.images(pictures);
    const alone = await network.images([pictures[16]!]);
    expect([together.count, together.width]).toEqual([17, 8]);
    expectClose(together.values.subarray(16 * 8), alone.values);

    const texts = await network.texts(["a cat", "A  Cat", "lower ".repeat(50), ""]);
    const [first, second, long, empty] = [0, 1, 2, 3].map((i) =>
      texts.values.subarray(8 * i, 8 * i + 8),
    );
    expect(second).toEqual(first);
    expect(long).not.toEqual(empty);
    expectClose((await network.texts(["a cat"])).values, first!);
    expect((await network.images([])).count).toBe(0);
    await network.close();
  });

  it("gives the same with OpenAI's names, and carries the hash of the other file", async () => {
    const [theirs, ours] = [join(root, "openai"), join(root, "hugging-face")];
    const official = tinyClipTensors(openAi);
    await writeTinyClip(theirs, official);
    await writeTinyClip(ours, inHuggingFaceLayout(official));
    const networks = [];
    for (const folder of [theirs, ours]) networks.push(await openTextImageNetwork(device, folder));
    const [first, second] = networks as [(typeof networks)[0], (typeof networks)[0]];
    expect(first.name).not.toBe(second.name);
    expectClose((await first.texts(["cat"])).values, (await second.texts(["cat"])).values);
    const picture = noise(1, 16, 16);
    expectClose((await first.images([picture])).values, (await second.images([picture])).values);
    for (const network of networks) await network.close();
  });

  it("is unavailable while a file is missing, and says which", async () => {
    const folder = join(root, "partial");
    await writeTinyClip(folder);
    await rm(join(folder, "merges.txt"));
    await rm(join(folder, "model.safetensors"));
    const opening = openTextImageNetwork(device, folder);
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(
      /^unavailable: CLIP score: .*vision_model.embeddings.patch_embedding.weight.* got no model.safetensors, merges.txt in .*partial/,
    );
  });

  it("takes the only checkpoint of a folder, whatever its name", async () => {
    const folder = join(root, "named");
    await writeTinyClip(folder);
    await rm(join(folder, "model.safetensors"));
    await writeSafetensors(join(folder, "open_clip_model.safetensors"), tinyClipTensors(openAi));
    await (await openTextImageNetwork(device, folder)).close();
  });

  it("is refused with a config of another network, or the vocabulary of a larger one", async () => {
    const folder = join(root, "other");
    await writeTinyClip(folder);
    const config = join(folder, "config.json");
    const written = JSON.parse(await readFile(config, "utf8")) as Record<string, object>;
    const changed = { ...written.text_config, hidden_act: "relu", layer_norm_eps: 1e-6 };
    await writeFile(config, JSON.stringify({ ...written, text_config: changed }));
    await expect(openTextImageNetwork(device, folder)).rejects.toThrow(
      /config.json: .*text_config.hidden_act: .*; text_config.layer_norm_eps: /,
    );
    await writeFile(config, JSON.stringify(written));
    const vocabulary = join(folder, "vocab.json");
    const ids = JSON.parse(await readFile(vocabulary, "utf8")) as Record<string, number>;
    await writeFile(vocabulary, JSON.stringify({ ...ids, extra: 600 }));
    await expect(openTextImageNetwork(device, folder)).rejects.toThrow(
      "expected ids below 600, as many as the weights have rows, got one of 600",
    );
  });
});

/** The same weights under the other names. */
function inHuggingFaceLayout(official: ReturnType<typeof tinyClipTensors>) {
  return new Map(
    [...tinyClipTensors()].map(([name, tensor]) => {
      const part = ["q", "k", "v"].findIndex((one) => name.includes(`.${one}_proj.`));
      const path = huggingFace.names.fromOfficial(name.replace(/\.[qkv]_proj\./, ".qkv_proj."));
      const { shape, data } = official.get(path === null ? name : openAi.names.toOfficial(path)!)!;
      const values = data as Float32Array;
      const size = tensor.data.length;
      if (part >= 0)
        return [name, { ...tensor, data: values.slice(part * size, (part + 1) * size) }];
      if (!/projection\.weight$/.test(name)) return [name, { ...tensor, data: values }];
      const [rows, columns] = shape as [number, number];
      const turned = values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
      return [name, { ...tensor, data: turned }];
    }),
  );
}

function expectClose(got: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < got.length; i++) expect(got[i]).toBeCloseTo(wanted[i]!, 4);
}
