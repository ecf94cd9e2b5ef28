import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeSafetensors } from "./safetensors.ts";
import { openSafetensorsFolder } from "./safetensors-shards.ts";
import { float32Tensor } from "./tensor-data.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-shards-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const scalar = (value: number) => float32Tensor([], Float32Array.of(value));
const first = "model-00001-of-00002.safetensors";
const second = "model-00002-of-00002.safetensors";

async function writeShards(weightMap: Record<string, string>) {
  await writeSafetensors(
    join(folder, first),
    new Map([
      ["a", scalar(1)],
      ["spare", scalar(9)],
    ]),
  );
  await writeSafetensors(join(folder, second), new Map([["b", scalar(2)]]));
  const index = { metadata: { total_size: 8 }, weight_map: weightMap };
  await writeFile(join(folder, "model.safetensors.index.json"), JSON.stringify(index));
}

describe("a folder of weights", () => {
  it("reads shards as one file, without tensors that the index does not list", async () => {
    await writeShards({ a: first, b: second });
    const opened = await openSafetensorsFolder(folder);
    expect(await opened.readAll()).toEqual(
      new Map([
        ["a", scalar(1)],
        ["b", scalar(2)],
      ]),
    );
    await expect(opened.read("spare")).rejects.toThrow('expected a tensor "spare", got none');
    await opened.close();
  });

  it("prefers the single file", async () => {
    await writeShards({ a: first });
    await writeSafetensors(join(folder, "model.safetensors"), new Map([["a", scalar(3)]]));
    const opened = await openSafetensorsFolder(folder);
    expect(await opened.read("a")).toEqual(scalar(3));
    await opened.close();
  });

  it("lists every tensor that its shard lacks", async () => {
    await writeShards({ a: second, b: second, c: first });
    await expect(openSafetensorsFolder(folder)).rejects.toThrow(
      `got none of a in ${second}, c in ${first}`,
    );
  });

  it("reads no file outside the folder", async () => {
    await writeShards({ a: "../elsewhere.safetensors" });
    await expect(openSafetensorsFolder(folder)).rejects.toThrow(
      "weight_map.a: must be a .safetensors file name",
    );
  });

  it("says what it looked for", async () => {
    await expect(openSafetensorsFolder(folder, "tokenizer")).rejects.toThrow(
      `${folder}: expected tokenizer.safetensors or tokenizer.safetensors.index.json, got neither`,
    );
  });
});
