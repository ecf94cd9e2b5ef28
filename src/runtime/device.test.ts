import { describe, expect, it } from "vitest";
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import { openDevice } from "./device.ts";
import { loadEngine } from "./engine.ts";
import { requireDevice } from "./handle.ts";
import { createSession, engineFailure } from "./session.ts";

describe("devices", () => {
  it("have names, and a hint for those who miss one", async () => {
    await expect(openDevice("cuda")).rejects.toThrow(
      "--device: expected cpu or webgpu, got cuda. `ordo doctor` shows the devices",
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

  it("hint at smaller batches when memory runs out", () => {
    const failure = engineFailure("cpu", "running f", new Error("bad_alloc\nat some.cc"));
    expect(failure.message).toBe(
      "cpu while running f: expected the engine to succeed, got bad_alloc. " +
        "The device ran out of memory: use a smaller batch or model.",
    );
  });
});
