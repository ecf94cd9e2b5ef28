import { describe, expect, it } from "vitest";
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import { openDevice } from "./device.ts";
import { loadEngine } from "./engine.ts";
import { requireDevice } from "./handle.ts";
import { createSession, engineFailure } from "./session.ts";

describe("devices", () => {
  it("have names, and a hint for those who miss one", async () => {
    await expect(openDevice("gpu")).rejects.toThrow(
      "--device: expected auto, cpu, webgpu, cuda, coreml, dml, got gpu. `ordo doctor` shows the devices",
    );
  });

  it.each([
    ["coreml", "darwin", "the CoreML provider of the engine, got .+ It is a part of macOS"],
    ["dml", "win32", "the DirectML provider of the engine, got .+ It is a part of Windows"],
  ])("%s says where it is to be had, where it is not", async (name, platform, words) => {
    if (process.platform === platform) return;
    await expect(openDevice(name)).rejects.toThrow(
      new RegExp(`^--device ${name}: expected ${words}`),
    );
  });

  it("use CPU arrays without a copy, of every element type", async () => {
    const device = await openDevice("cpu");
    const values: [Dtype, TypedArray][] = [
      ["float32", Float32Array.of(1.5, -2)],
      ["int32", Int32Array.of(1, -2)],
      ["int64", BigInt64Array.of(1n, -2n)],
      ["uint8", Uint8Array.of(1, 200)],
      ["int8", Int8Array.of(1, -2)],
      ["bool", Uint8Array.of(1, 0)],
      ["float16", Uint16Array.of(0x3c00, 0xc000)],
    ];
    for (const [dtype, data] of values) {
      const handle = await device.upload(dtype, [2], data);
      expect(handle).toMatchObject({ device: "cpu", dtype, dims: [2] });
      expect((await device.download(handle)).data).toBe(data);
    }
  });

  it("read no memory but their own", async () => {
    const device = await openDevice("cpu");
    const handle = await device.upload("float32", [1], Float32Array.of(1));
    expect(() => requireDevice("webgpu", handle)).toThrow(
      "expected memory of webgpu, got memory of cpu",
    );
    await expect(device.download({ ...handle, device: "webgpu" })).rejects.toMatchObject({
      code: "device",
    });
  });
});

describe("engine failures", () => {
  it("say what was being done, in one line, and keep their cause", async () => {
    const broken = createSession(await loadEngine(), "cpu", Uint8Array.of(1, 2, 3), []);
    await expect(broken).rejects.toMatchObject({
      code: "device",
      message: expect.stringMatching(
        /^cpu while compiling: expected the engine to succeed, got .+$/,
      ),
      cause: expect.any(Error),
    });
  });

  it.each([
    ["WebGPU validation failed. [Invalid Buffer (unlabeled)] is invalid due to a previous error."],
    ["Buffer size (1610612736) exceeds the max buffer size limit (1073741824)."],
    ["vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY"],
  ])("know a GPU out of memory by its words: %s", (words) => {
    const { facts } = engineFailure("webgpu", "running f", new Error(words));
    expect(facts.hint).toMatch(/^The device ran out of memory/);
  });

  it("know a lost GPU by its words", () => {
    const words = "WebGPU device lost (2): VK_ERROR_DEVICE_LOST";
    const { facts } = engineFailure("webgpu", "running f", new Error(words));
    expect(facts.hint).toMatch(/^The device was lost with all values on it/);
  });

  it("hint at smaller batches when memory runs out", () => {
    const failure = engineFailure("cpu", "running f", new Error("bad_alloc\nat some.cc"));
    expect(failure.message).toBe(
      "cpu while running f: expected the engine to succeed, got bad_alloc. " +
        "The device ran out of memory: use a smaller batch or model.",
    );
  });
});
