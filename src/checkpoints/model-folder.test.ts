import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { random } from "../random/random.ts";
import type { ModelConfig } from "./model-config.ts";
import { readModelFolder, writeModelFolder } from "./model-folder.ts";
import { float32Tensor, type TensorMap, toFloat32 } from "./tensor-data.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-model-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config: ModelConfig = {
  format: 1,
  system: "var",
  preset: "tiny",
  parts: { tokenizer: { channels: 32, multipliers: [1, 2] }, depth: 4 },
  training: { data: ["noto-emoji"], licence: "Apache-2.0", steps: 10, hours: 0.5, note: "x" },
  sampling: { guidance: 2.5, topK: 900, topP: 0.96, temperature: 1 },
};
const weights: TensorMap = new Map([["head.bias", float32Tensor([8], random(1).normals(8))]]);

describe("a model folder", () => {
  it("gives back what was written", async () => {
    const tokenizer: TensorMap = new Map([["codebook", float32Tensor([1], Float32Array.of(2))]]);
    const path = join(folder, "new", "emoji-var");
    const json = { "vocabulary.json": { words: ["red"] } };
    await writeModelFolder(path, { config, weights, tokenizer, json, card: "# card\n" });
    const model = await readModelFolder(path);
    expect([model.name, model.path, model.config]).toEqual(["emoji-var", path, config]);
    expect(await model.readWeights()).toEqual(weights);
    expect(await model.readTokenizer()).toEqual(tokenizer);
    expect(await model.readJson("vocabulary.json", z.unknown())).toEqual({ words: ["red"] });
    expect(await readFile(join(path, "README.md"), "utf8")).toBe("# card\n");
  });

  it("has no tokenizer unless one was written", async () => {
    await writeModelFolder(folder, { config, weights });
    expect(await (await readModelFolder(folder)).readTokenizer()).toBeNull();
    expect((await readdir(folder)).sort()).toEqual(["config.json", "model.safetensors"]);
  });

  it("stores half precision when asked, except where it would overflow", async () => {
    const large = float32Tensor([2], Float32Array.of(1e6, 1));
    await writeModelFolder(folder, {
      config,
      weights: new Map([...weights, ["large", large]]),
      storage: "float16",
    });
    const read = await (await readModelFolder(folder)).readWeights();
    expect(read.get("large")).toEqual(large);
    const half = read.get("head.bias")!;
    expect(half.dtype).toBe("float16");
    const original = toFloat32(weights.get("head.bias")!);
    for (const [i, value] of toFloat32(half).entries()) {
      expect(Math.abs(value / original[i]! - 1)).toBeLessThan(2 ** -11);
    }
  });

  it("is untouched by contents that cannot be written", async () => {
    await writeModelFolder(folder, { config, weights, card: "old" });
    const broken = new Map([["x", float32Tensor([2], new Float32Array(1))]]);
    await expect(
      writeModelFolder(folder, { config, weights: broken, card: "new" }),
    ).rejects.toThrow("model.safetensors: x: expected 2 elements of float32 for [2]");
    const sampling = { topP: 0 };
    await expect(
      writeModelFolder(folder, { config: { ...config, sampling }, weights }),
    ).rejects.toThrow("config.json: expected fields that fit, got sampling.topP: ");
    expect(await readFile(join(folder, "README.md"), "utf8")).toBe("old");
    expect(await (await readModelFolder(folder)).readWeights()).toEqual(weights);
  });

  it("is refused with every field of config.json that does not fit", async () => {
    const bad = { format: 2, parts: [], sampling: { topK: -1, guidence: 3 } };
    await writeFile(join(folder, "config.json"), JSON.stringify(bad));
    const { message } = await readModelFolder(folder).then(
      () => new Error("read"),
      (error: Error) => error,
    );
    expect(message.replace(folder, "FOLDER")).toMatchInlineSnapshot(
      `"FOLDER/config.json: expected fields that fit, got format: this Ordo reads format 1; a newer one may read this file; system: Invalid input: expected string, received undefined; parts: Invalid input: expected record, received array; sampling.topK: Too small: expected number to be >=0; sampling: Unrecognized key: "guidence". A model is a folder with config.json and model.safetensors"`,
    );
  });

  it("is refused with one plain line if it measures instead of drawing", async () => {
    await writeFile(join(folder, "config.json"), '{ "schema": 1, "kind": "classifier" }');
    await expect(readModelFolder(folder)).rejects.toThrow(
      /config\.json: expected a model that draws, got a classifier, which only measures/,
    );
  });

  it("is refused without config.json, with broken JSON, and without weights", async () => {
    await expect(readModelFolder(join(folder, "none"))).rejects.toThrow(
      /none.config.json: expected a JSON file, got no such file. A model is a folder with/,
    );
    await writeFile(join(folder, "config.json"), "{");
    await expect(readModelFolder(folder)).rejects.toThrow("config.json: expected JSON, got");
    await writeFile(join(folder, "config.json"), JSON.stringify(config));
    await expect((await readModelFolder(folder)).readWeights()).rejects.toThrow(
      "expected model.safetensors or model.safetensors.index.json, got neither",
    );
  });
});
