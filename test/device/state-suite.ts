/** Values that stay on the GPU: copies there and back, replacement, and wrong devices. */
import { describe, expect, it } from "vitest";
import { namedDim } from "../../src/graph/dim.ts";
import type { Dtype, TypedArray } from "../../src/graph/dtype.ts";
import { add, multiply } from "../../src/graph/ops/arithmetic.ts";
import { concat } from "../../src/graph/ops/layout.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { input } from "../../src/graph/ops/source.ts";
import type { Device } from "../../src/runtime/device.ts";
import { compile } from "../../src/runtime/function.ts";
import { DeviceState } from "../../src/runtime/handle.ts";

const values: [Dtype, number[], TypedArray][] = [
  ["float32", [], Float32Array.of(7)],
  ["float32", [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)],
  ["float32", [2, 0, 3], new Float32Array(0)],
  ["int32", [3], Int32Array.of(1, -2, 3)],
  ["int64", [2], BigInt64Array.of(5n, -6n)],
  ["bool", [4], Uint8Array.of(1, 0, 0, 1)],
];

export function stateSuite(cpu: Device, gpu: Device): void {
  describe("state", () => {
    it.each(values)("of %s %j comes back as it went", async (dtype, dims, data) => {
      const handle = await gpu.upload(dtype, dims, data);
      expect(handle).toMatchObject({ device: "webgpu", dtype, dims });
      expect(handle.tensor.location).toBe("gpu-buffer");
      const back = await gpu.download(handle);
      expect([...back.dims]).toEqual(dims);
      expect(back.data).toEqual(data);
      handle.dispose();
    });

    it("is replaced, run after run, and the replaced memory given back", async () => {
      const p = input("p", "float32", [3]);
      const next = multiply(p, 2);
      const outputs = { "new p": next, total: sum(next) };
      const stores = new Map([["new p", "p"]]);
      const fn = await compile(gpu, "double", outputs, { stores, noFallback: true });
      const state = new DeviceState();
      state.set("p", await gpu.upload("float32", [3], Float32Array.of(1, 2, 3)));
      const totals: number[] = [];
      for (let i = 0; i < 3; i++) {
        const before = state.get("p")!;
        totals.push(Number((await fn.run({}, state)).total!.data[0]));
        expect(state.get("p")).not.toBe(before);
        expect(() => before.tensor.gpuBuffer).toThrow();
      }
      expect(totals).toEqual([12, 24, 48]);
      expect((await gpu.download(state.get("p")!)).data).toEqual(Float32Array.of(8, 16, 24));
      state.dispose();
      await fn.release();
    });

    it("grows from nothing", async () => {
      const past = input("past", "float32", [2, namedDim("p"), 2]);
      const next = input("next", "float32", [2, namedDim("s"), 2]);
      const all = concat([past, next], 1);
      const stores = new Map([["new past", "past"]]);
      const outputs = { "new past": all, sums: sum(all, 1) };
      const fn = await compile(gpu, "cache", outputs, { stores, noFallback: true });
      const state = new DeviceState();
      state.set("past", await gpu.upload("float32", [2, 0, 2], new Float32Array(0)));
      for (const [s, total] of [
        [1, 1],
        [3, 4],
      ] as const) {
        const fed = { data: new Float32Array(4 * s).fill(1), dims: [2, s, 2] };
        const { sums } = await fn.run({ next: fed }, state);
        expect([...sums!.data]).toEqual([total, total, total, total]);
        expect(state.get("past")!.dims).toEqual([2, total, 2]);
      }
      state.dispose();
      await fn.release();
    });

    it("of another device is refused, both ways", async () => {
      const x = input("x", "float32", [2]);
      const data = Float32Array.of(1, 2);
      const [onCpu, onGpu] = [
        await cpu.upload("float32", [2], data),
        await gpu.upload("float32", [2], data),
      ];
      for (const [device, foreign] of [
        [cpu, onGpu],
        [gpu, onCpu],
      ] as const) {
        const fn = await compile(device, "f", { y: add(x, 1) });
        await expect(fn.run({ x: foreign })).rejects.toThrow(
          `expected memory of ${device.name}, got memory of ${foreign.device}`,
        );
        await expect((async () => device.download(foreign))()).rejects.toThrow("expected memory");
        await fn.release();
      }
      onGpu.dispose();
    });
  });
}
