import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { counting, floats, opening, refusal, saved } from "../../../test/checkpoints/open-torch.ts";
import {
  Call,
  type Picklable,
  pickle,
  TorchTensor,
  Tuple,
} from "../../../test/checkpoints/pickle-writer.ts";
import {
  floatBytes,
  legacyTorchFile,
  writeTorchFile,
} from "../../../test/checkpoints/torch-file.ts";
import { withFolder } from "../../../test/data/fixtures.ts";
import { openCheckpoint } from "../open-checkpoint.ts";
import { toFloat32 } from "../tensor-data.ts";
import { openPytorch } from "./open-pytorch.ts";

describe("a file of torch.save", () => {
  it.each([false, true])("gives its tensors by name (zip64: %s)", async (zip64) => {
    const bytes = saved(
      { "head.weight": floats("0", [2, 3]), epoch: 7 },
      { 0: counting(6) },
      { zip64 },
    );
    await opening(bytes, async (file) => {
      expect(file.entries).toEqual([{ name: "head.weight", dtype: "float32", shape: [2, 3] }]);
      expect([...(await file.read("head.weight")).data]).toEqual([0, 1, 2, 3, 4, 5]);
      expect([...file.metadata]).toEqual([["epoch", "7"]]);
      await expect(file.read("tail")).rejects.toThrow('expected a tensor "tail", got none');
    });
  });

  it("is recognised by its content, whatever its name", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "weights.bin");
      await writeFile(path, saved({ w: floats("0", [1]) }, { 0: counting(1) }));
      const file = await openCheckpoint(path);
      expect([file.format, file.entries.length]).toEqual(["pytorch", 1]);
      await file.close();
    });
  });

  it("honours offset and strides: transposed, channels last, every other row, expanded", async () => {
    const view = (shape: number[], strides: number[], offset = 0) =>
      new TorchTensor("0", "FloatStorage", 24, shape, { strides, offset });
    const bytes = saved(
      {
        transposed: view([4, 6], [1, 4]),
        channelsLast: view([1, 3, 2, 4], [24, 1, 12, 3]),
        rows: view([3, 4], [8, 1], 4),
        expanded: view([3, 2], [0, 1], 5),
        scalar: view([], [], 23),
        empty: view([0, 9], [9, 1]),
      },
      { 0: counting(24) },
    );
    await opening(bytes, async (file) => {
      const all = await file.readAll();
      const values = (name: string) => [...toFloat32(all.get(name)!)];
      expect(values("transposed").slice(0, 7)).toEqual([0, 4, 8, 12, 16, 20, 1]);
      expect(values("channelsLast").slice(0, 9)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 1]);
      expect(values("rows")).toEqual([4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23]);
      expect(values("expanded")).toEqual([5, 6, 5, 6, 5, 6]);
      expect(values("scalar")).toEqual([23]);
      expect(values("empty")).toEqual([]);
    });
  });

  it("keeps ties: the same view is one array", async () => {
    const bytes = saved(
      { a: floats("0", [4]), b: floats("0", [4]), c: floats("1", [4]) },
      {
        0: counting(4),
        1: counting(4),
      },
    );
    await opening(bytes, async (file) => {
      const all = await file.readAll();
      expect(all.get("a")!.data).toBe(all.get("b")!.data);
      expect(all.get("a")!.data).not.toBe(all.get("c")!.data);
    });
  });

  it("reads the number types that PyTorch writes", async () => {
    const typed = (type: string, data: ArrayBufferView & { readonly length: number }) => ({
      type,
      bytes: new Uint8Array(data.buffer),
      count: data.length,
    });
    const all = {
      float16: typed("HalfStorage", Uint16Array.of(0x3c00, 0xc000)),
      bfloat16: typed("BFloat16Storage", Uint16Array.of(0x3f80, 0xc000)),
      float64: typed("DoubleStorage", Float64Array.of(1, -2)),
      int64: typed("LongStorage", BigInt64Array.of(1n, -2n)),
      int32: typed("IntStorage", Int32Array.of(1, -2)),
      int16: typed("ShortStorage", Int16Array.of(1, -2)),
      int8: typed("CharStorage", Int8Array.of(1, -2)),
    };
    const bytes = saved(
      Object.fromEntries(
        Object.entries(all).map(([name, { type, count }]) => [
          name,
          new TorchTensor(name, type, count, [2]),
        ]),
      ),
      Object.fromEntries(Object.entries(all).map(([name, { bytes }]) => [name, bytes])),
    );
    await opening(bytes, async (file) => {
      for (const [name, tensor] of await file.readAll()) {
        expect([tensor.dtype, ...toFloat32(tensor)]).toEqual([name, 1, -2]);
      }
    });
    const complex = { z: new TorchTensor("0", "ComplexFloatStorage", 1, [1]) };
    expect(await refusal(saved(complex, { 0: counting(2) }))).toContain(
      "expected a plain number type, got torch.complex64",
    );
  });

  it("reads the layout before PyTorch 1.6", async () => {
    const bytes = legacyTorchFile(
      { b: floats("k2", [3]), a: new TorchTensor("k1", "LongStorage", 2, [2]) },
      {
        k1: { bytes: new Uint8Array(BigInt64Array.of(5n, 6n).buffer), width: 8 },
        k2: { bytes: counting(3), width: 4 },
      },
    );
    await opening(bytes, async (file) => {
      expect([...(await file.read("b")).data]).toEqual([0, 1, 2]);
      expect([...(await file.read("a")).data]).toEqual([5n, 6n]);
    });
    expect(await refusal(pickle({ a: 1 }))).toBe(
      "FILE: expected a file of torch.save, got another pickle. A bare pickle of other programs cannot be read",
    );
    expect(await refusal(bytes.subarray(0, bytes.length - 1))).toContain("expected 3 numbers of 4");
  });

  it("reads one tensor of a file of 9 GB without its other bytes", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "large.pth");
      const rows = 2 ** 20;
      const large = floats("0", [rows, 2300]);
      await writeTorchFile(
        path,
        { large, small: floats("1", [2]) },
        {
          0: rows * 2300 * 4,
          1: floatBytes([1, 2]),
        },
        { zip64: true },
      );
      const before = process.memoryUsage().rss;
      const file = await openPytorch(path);
      expect(file.entries[0]).toEqual({ name: "large", dtype: "float32", shape: [rows, 2300] });
      expect([...(await file.read("small")).data]).toEqual([1, 2]);
      await file.close();
      expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    });
  });

  it("reads widely strided tensors in parts", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "wide.pth");
      const step = 2 ** 26;
      const corners = new TorchTensor("0", "FloatStorage", 3 * step, [3, 2], {
        strides: [step, 1],
      });
      await writeTorchFile(path, { corners }, { 0: 3 * step * 4 });
      const before = process.memoryUsage().rss;
      const file = await openPytorch(path);
      expect([...(await file.read("corners")).data]).toEqual([0, 0, 0, 0, 0, 0]);
      await file.close();
      expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
    });
  });
});

describe("a training file", () => {
  const namespace = new Call("argparse.Namespace", [], { depth: 16, data: "imagenet" });
  const optimizer = { state: new Map<Picklable, Picklable>([[0, { step: floats("3", []) }]]) };
  const two = saved(
    {
      model: new Call("collections.OrderedDict", [[new Tuple(["w", floats("0", [2])])]], {
        _metadata: {},
      }),
      ema: { w: floats("1", [2]) },
      trainer: { args: namespace, optimizer },
      epoch: 3,
    },
    { 0: floatBytes([1, 2]), 1: floatBytes([3, 4]), 3: floatBytes([9]) },
  );

  it("lists its dicts when there is a choice, and takes the one that is named", async () => {
    expect(await refusal(two)).toBe(
      "FILE: expected one dict of tensors, got model (1 tensors), ema (1 tensors). Choose one: --key model",
    );
    expect(await refusal(two, { key: "modell" })).toContain("Did you mean model?");
    const values = await opening(two, async (file) => [...(await file.read("w")).data], {
      key: "ema",
    });
    expect(values).toEqual([3, 4]);
  });

  it("shows its settings as facts, and everything under full paths when asked", async () => {
    await opening(
      two,
      (file) => {
        expect(file.entries.map(({ name }) => name)).toEqual([
          "model.w",
          "ema.w",
          "trainer.optimizer.state.0.step",
        ]);
        expect(Object.fromEntries(file.metadata)).toMatchObject({
          epoch: "3",
          "trainer.args.depth": "16",
          "trainer.args.data": "imagenet",
        });
      },
      { key: "" },
    );
  });

  it("finds the only dict of tensors, however deep, and not those of the optimiser", async () => {
    const bytes = saved(
      { trainer: { net: { w: floats("0", [2]) }, opt: optimizer }, rng: floats("1", [1]) },
      { 0: floatBytes([1, 2]), 1: floatBytes([1]), 3: floatBytes([9]) },
    );
    const dicts = await opening(bytes, (file) => file.dicts);
    expect(dicts).toEqual([{ key: "trainer.net", tensors: 1 }]);
  });
});
