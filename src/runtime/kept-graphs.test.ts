import { mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withFolder } from "../../test/data/fixtures.ts";
import { keepNewest } from "../cache-folder.ts";
import type { FileFloats } from "../floats.ts";
import { writeModel } from "../graph/onnx/writer.ts";
import { conv2d, evenPadding } from "../graph/ops/conv.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { loadEngine } from "./engine.ts";
import { type KeptTask, keptSession } from "./kept-graphs.ts";
import { engineOptions } from "./session.ts";

const engine = await loadEngine();
const channels = 32;
const picture = random(3).normals(channels * 64);

/** A convolution whose weights lie in a file, as large decoders have them. */
async function convolutionIn(folder: string, seed = 1): Promise<KeptTask> {
  const numbers = random(seed).normals(channels * channels * 9);
  const name = "weights.bin";
  await writeFile(join(folder, name), new Uint8Array(numbers.buffer));
  const values: FileFloats = { dtype: "float32", folder, name, offset: 0, length: numbers.length };
  const x = input("x", "float32", [1, channels, 8, 8]);
  const y = conv2d(x, parameter("w", [channels, channels, 3, 3]), undefined, {
    padding: evenPadding(1),
  });
  const { bytes, files, constantBytes } = writeModel({
    name: "decoder",
    outputs: new Map([["y", y]]),
    target: "cpu",
    constants: new Map([["w", values]]),
  });
  const options = engineOptions("cpu", ["y"], { fileFolder: folder });
  const weights = { files, bytes: constantBytes };
  return { folder: join(folder, "compiled"), weights, model: bytes, options };
}

async function drawn(task: KeptTask): Promise<Float32Array> {
  const session = await keptSession(engine, task);
  const { y } = await session.run({ x: new engine.Tensor(picture, [1, channels, 8, 8]) });
  await session.release();
  return y!.data as Float32Array;
}

const names = (folder: string) => readdir(folder).then((all) => all.sort());

describe("keptSession", () => {
  it("gives the same numbers to the bit from what it has kept", async () => {
    await withFolder(async (folder) => {
      const task = await convolutionIn(folder);
      const session = await engine.InferenceSession.create(task.model, task.options);
      const plain = await session.run({ x: new engine.Tensor(picture, [1, channels, 8, 8]) });
      const first = await drawn(task);
      const [kept] = await names(task.folder);
      const written = await stat(join(task.folder, kept!, "graph.onnx"));
      expect(await drawn(task)).toEqual(first);
      expect(first).toEqual(plain.y!.data);
      expect(await names(task.folder)).toEqual([kept]);
      // it was read, not written anew
      expect((await stat(join(task.folder, kept!, "graph.onnx"))).mtimeMs).toBe(written.mtimeMs);
      await session.release();
    });
  });

  it("prepares anew for weights that changed", async () => {
    await withFolder(async (folder) => {
      const first = await drawn(await convolutionIn(folder, 1));
      const task = await convolutionIn(folder, 2);
      await utimes(join(folder, "weights.bin"), 1, 1);
      expect(await drawn(task)).not.toEqual(first);
      expect(await names(task.folder)).toHaveLength(2);
    });
  });

  it.each(["graph.onnx", "weights"])("makes a damaged %s again", async (file) => {
    await withFolder(async (folder) => {
      const task = await convolutionIn(folder);
      const first = await drawn(task);
      const [kept] = await names(task.folder);
      await truncate(join(task.folder, kept!, file), 100);
      expect(await drawn(task)).toEqual(first);
      expect((await readFile(join(task.folder, kept!, file))).length).toBeGreaterThan(100);
      expect(await names(task.folder)).toEqual([kept]);
    });
  });

  it("removes what an ended process has left half written, and nothing that is being written", async () => {
    await withFolder(async (folder) => {
      const task = await convolutionIn(folder);
      for (const name of ["partial-old", "partial-new"]) {
        await mkdir(join(task.folder, name), { recursive: true });
        await writeFile(join(task.folder, name, "weights"), "half");
      }
      await utimes(join(task.folder, "partial-old"), 1, 1);
      await drawn(task);
      expect(await names(task.folder)).toEqual([
        expect.stringMatching(/^[0-9a-f]{24}$/),
        "partial-new",
      ]);
    });
  });

  it("does without a folder that cannot be made, and says what is wrong with a model", async () => {
    await withFolder(async (folder) => {
      const task = await convolutionIn(folder);
      const first = await drawn(task);
      await writeFile(join(folder, "taken"), "");
      expect(await drawn({ ...task, folder: join(folder, "taken") })).toEqual(first);
      await expect(drawn({ ...task, model: Uint8Array.of(1, 2, 3) })).rejects.toThrow();
      // and leaves nothing half done
      expect((await names(task.folder)).filter((name) => /partial/.test(name))).toEqual([]);
    });
  });
});

describe("keepNewest", () => {
  it("keeps the entries that were touched last", async () => {
    await withFolder(async (folder) => {
      for (const [i, name] of ["c", "a", "d", "b"].entries()) {
        await mkdir(join(folder, name));
        await writeFile(join(folder, name, "file"), "");
        await utimes(join(folder, name), 100 + i, 100 + i);
      }
      await keepNewest(folder, 2);
      expect(await names(folder)).toEqual(["b", "d"]);
    });
  });
});
