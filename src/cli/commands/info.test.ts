import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TorchTensor } from "../../../test/checkpoints/pickle-writer.ts";
import { writeTorchFile } from "../../../test/checkpoints/torch-file.ts";
import { noisePicture } from "../../../test/data/fixtures.ts";
import { writeTinyModel } from "../../../test/models/tiny-model.ts";
import type { Recipe } from "../../images/recipe.ts";
import { writePicture } from "../../images/write.ts";
import { runCaptured } from "../captured.ts";

const folder = mkdtempSync(join(tmpdir(), "ordo-info-"));
const model = join(folder, "tiny");
beforeAll(() => writeTinyModel(model));
afterAll(() => rmSync(folder, { recursive: true }));

const recipe: Recipe = {
  schemaVersion: 1,
  system: "var",
  model: "tiny",
  prompt: "red apple",
  seed: 7,
  index: 0,
  steps: [1, 2],
  size: { width: 6, height: 4 },
  ordoVersion: "0.1.0",
  device: "cpu",
};

describe("info", () => {
  it("shows the recipe of a picture", async () => {
    const path = join(folder, "a.png");
    await writePicture(noisePicture(1, 6, 4), path, { recipe });
    const { code, stdout } = await runCaptured(["info", path]);
    expect(code).toBe(0);
    expect(stdout).toContain("a.png: png 6x4");
    expect(stdout).toContain("recipe by ordo");
    expect(stdout).toMatch(/^prompt +red apple$/m);
    expect(stdout).toMatch(/^source type +trainedAlgorithmicMedia$/m);
    const json = await runCaptured(["info", path, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: "picture", writer: "ordo", recipe });
  });

  it("prints no control characters of a file", async () => {
    const path = join(folder, "hostile.png");
    const hostile = { ...recipe, prompt: "\u001b[2J\u0007" };
    await writePicture(noisePicture(1, 6, 4), path, { recipe: hostile });
    const { stdout } = await runCaptured(["info", path]);
    expect(stdout).toContain(String.raw`"\u001b[2J\u0007"`);
  });

  it("says that a picture has no recipe", async () => {
    const path = join(folder, "b.webp");
    await writePicture(noisePicture(2, 6, 4), path);
    expect((await runCaptured(["info", path])).stdout).toMatch(/webp 6x4, \d+ bytes\nno recipe\n$/);
  });

  it("lists the tensors of a checkpoint", async () => {
    const path = join(model, "model.safetensors");
    const { stdout } = await runCaptured(["info", path, "--json"]);
    const { tensors, parameters } = JSON.parse(stdout);
    expect(tensors).toContainEqual({
      name: "wordEmbedding.weight",
      dtype: "float32",
      shape: [16, 4],
      parameters: 64,
      bytes: 256,
    });
    const sum = tensors.reduce(
      (n: number, tensor: { parameters: number }) => n + tensor.parameters,
      0,
    );
    expect(parameters).toBe(sum);
    expect((await runCaptured(["info", path])).stdout).toMatch(
      /^wordEmbedding\.weight +float32 +16x4 +64 +256$/m,
    );
  });

  it("lists the tensors and dicts of a PyTorch file, whatever its name", async () => {
    const path = join(folder, "weights.bin");
    const tensor = (key: string, shape: number[]) => new TorchTensor(key, "HalfStorage", 4, shape);
    await writeTorchFile(
      path,
      { model: { w: tensor("0", [2, 2]) }, ema: { w: tensor("1", [2, 2]) }, epoch: 3 },
      { 0: 8, 1: 8 },
    );
    const all = await runCaptured(["info", path]);
    expect(all.stdout).toContain(
      "weights.bin: 2 tensors, 8 parameters, 16 bytes\ndicts (--key): model, ema\nepoch  3\n",
    );
    expect(all.stdout).toMatch(/^ema\.w +float16 +2x2 +4 +8$/m);
    const one = await runCaptured(["info", path, "--key", "ema", "--json"]);
    expect(JSON.parse(one.stdout)).toMatchObject({
      kind: "pytorch",
      bytes: 8,
      tensors: [{ name: "w", dtype: "float16" }],
    });
  });

  it("shows the facts of a model folder", async () => {
    const { stdout } = await runCaptured(["info", model]);
    expect(stdout).toMatch(/^system +var$/m);
    expect(stdout).toMatch(/^tokenizer parameters +39\.2 k$/m);
    expect(stdout).toMatch(/^guidance +2$/m);
  });
});
