import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyClassifier } from "../../test/models/tiny-classifier.ts";
import { CheckpointError } from "../errors.ts";
import { readClassifier, writeClassifier } from "./classifier-folder.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ordo-classifier-"));
});
afterAll(() => rm(root, { recursive: true }));

describe("classifier folders", () => {
  it("give back what was written, and the hash of the weights' file", async () => {
    const { config, parameters } = tinyClassifier();
    const folder = join(root, "made", "on", "demand");
    await writeClassifier(folder, { ...config, note: "kept" }, parameters);
    const read = await readClassifier(folder);
    expect(read.config).toEqual({ ...config, note: "kept" });
    expect(read.parameters).toEqual(parameters);
    const bytes = await readFile(join(folder, "model.safetensors"));
    expect(read.hash).toBe(createHash("sha256").update(bytes).digest("hex"));
  });

  it("refuse fields that do not fit, all in one error, before anything is written", async () => {
    const { config, parameters } = tinyClassifier();
    const folder = join(root, "wrong");
    const wrong = { ...config, dataset: "CIFAR 10", testAccuracy: 88 };
    const writing = writeClassifier(folder, wrong, parameters);
    await expect(writing).rejects.toThrow(/dataset: .*; testAccuracy: /);
    await expect(readClassifier(folder)).rejects.toThrow(/no such file/);
  });

  it("refuse parameters that are missing, surplus or of another size", async () => {
    const { config, parameters } = tinyClassifier();
    const others = new Map(parameters);
    others.delete("convIn.weight");
    others.set("convIn.bias", new Float32Array(3)).set("head.weight", new Float32Array(1));
    const writing = writeClassifier(join(root, "other"), config, others);
    await expect(writing).rejects.toThrow(CheckpointError);
    await expect(writing).rejects.toThrow(
      /1 missing: convIn.weight; 1 wrong: convIn.bias \[3\] instead of \[4\]; 1 surplus: head.weight/,
    );
  });

  it("say which version of the file they cannot read", async () => {
    const { config, parameters } = tinyClassifier();
    const folder = join(root, "newer");
    await writeClassifier(folder, config, parameters);
    const newer = JSON.stringify({ ...config, schema: 2 });
    await writeFile(join(folder, "config.json"), newer);
    await expect(readClassifier(folder)).rejects.toThrow(/schema: this Ordo reads schema 1/);
  });
});
