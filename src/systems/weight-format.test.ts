import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../../test/models/tiny-model.ts";
import { readModelFolder } from "../checkpoints/model-folder.ts";
import { openDevice } from "../runtime/device.ts";
import { composeFiles } from "./assemble.ts";
import { load } from "./load.ts";
import { modelParameters } from "./model-parameters.ts";
import { packWeights } from "./pack-weights.ts";
import { matrixFormat, weightFormats } from "./weight-format.ts";

const device = await openDevice("cpu");
const root = mkdtempSync(join(tmpdir(), "ordo-weights-"));
beforeAll(() => writeTinyModel(root));
afterAll(() => rmSync(root, { recursive: true }));

const sizes = async () =>
  modelParameters((await composeFiles(await readModelFolder(root))).composition);

describe("packWeights", () => {
  it("packs the matrices of blocks and condition, not head, embeddings, norms or tokenizer", async () => {
    const { transformer } = await sizes();
    const packed = [...transformer].filter(([, { matrix }]) => matrix).map(([path]) => path);
    expect(packed).toEqual([
      "condition.hidden.weight",
      "condition.refined.weight",
      "blocks.0.modulations.weight",
      "blocks.0.attention.qkv.weight",
      "blocks.0.attention.projection.weight",
      "blocks.0.mlp.fc1.weight",
      "blocks.0.mlp.fc2.weight",
      "head.modulation.weight",
    ]);
  });

  it("lets go of the float32 form", async () => {
    const { transformer } = await sizes();
    const values = [...transformer].map(([path, { shape }]) => {
      const count = shape.reduce((product, size) => product * size, 1);
      return [path, new Float32Array(count).fill(1)] as const;
    });
    const { parameters, matrices } = await packWeights(transformer, new Map(values), "int8");
    for (const [path, { matrix }] of transformer) {
      expect(parameters.has(path)).toBe(!matrix);
      expect(matrices!.values.has(path)).toBe(matrix === true);
      expect(matrices!.values.has(`${path}.scales`)).toBe(matrix === true);
    }
  });

  it("has the CPU multiply whole numbers, and other devices decode blocks", () => {
    const formats = weightFormats.map((f) => [matrixFormat(f, "cpu"), matrixFormat(f, "webgpu")]);
    expect(formats).toEqual([
      ["float32", "float32"],
      ["float16", "float16"],
      ["int8", "int8-blocks"],
      ["int4-blocks", "int4-blocks"],
    ]);
  });
});

describe("models in every format", () => {
  it("take fewer bytes, draw whole pictures and say what they are", async () => {
    const bytes: number[] = [];
    for (const weights of weightFormats) {
      const model = await load(root, device, { weights });
      bytes.push(model.weightBytes);
      const { picture, recipe } = await model.draw("rocket", { seed: 1 });
      expect(new Set(picture.data).size).toBeGreaterThan(10);
      expect(recipe.device).toBe(weights === "fp32" ? "cpu" : `cpu ${weights}`);
      expect(model.facts.weights).toBe(weights);
      await model.close();
    }
    const [fp32, fp16, int8, int4] = bytes as [number, number, number, number];
    expect(fp16).toBeLessThan(fp32);
    expect(int8).toBeLessThan(fp16);
    expect(int4).toBeLessThan(int8);
  });
});
