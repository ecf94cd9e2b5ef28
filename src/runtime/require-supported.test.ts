import { describe, expect, it } from "vitest";
import { multiply } from "../graph/ops/arithmetic.ts";
import { cast } from "../graph/ops/compare.ts";
import { expand } from "../graph/ops/layout.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { int8Product } from "../graph/ops/quantized.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { type Device, openDevice } from "./device.ts";
import { compile } from "./function.ts";
import type { DeviceLimits } from "./limits.ts";

const cpu = await openDevice("cpu", { threads: 1 });
const none: DeviceLimits = {
  guaranteedBytes: 2 ** 27,
  fill: async () => true,
  fits: async () => true,
  float16: async () => true,
};
/** Refusals come before the engine sees a graph: no GPU is needed for them. */
const gpu = (limits: Partial<DeviceLimits> = {}): Device => ({
  ...cpu,
  name: "webgpu",
  target: "webgpu",
  fillsArrays: false,
  limits: { ...none, ...limits },
});
const x = input("x", "float32", [2, 4]);
const product = linearProduct(x, parameter("blocks.1.mlp.fc1.weight", [4, 4]));

describe("before it compiles for a GPU, a function", () => {
  it("is refused where products would fall back to the CPU", async () => {
    const weights = parameter("blocks.0.attention.qkv.weight", [4, 4], "int8");
    const scales = parameter("blocks.0.attention.qkv.scales", [4]);
    const y = int8Product(x, weights, scales);
    await expect(compile(gpu(), "step", { y })).rejects.toMatchObject({
      code: "device",
      message: expect.stringMatching(
        /^step on webgpu: expected what the device computes by itself, without a fallback to CPU EP, got the operator MatMulInteger in blocks\.0\.attention\.qkv \(.+MatMulInteger_\d+\)\. Use --weights fp32/,
      ),
    });
  });

  it("is refused where anything would, if that is asked for", async () => {
    const n = input("n", "int64", [2]);
    const compiled = compile(gpu(), "step", { y: multiply(n, n) }, { noFallback: true });
    await expect(compiled).rejects.toThrow("got Mul of int64 in no layer (Mul_0). Keep positions");
  });

  it("is refused where a value does not fit into a buffer, with its layer", async () => {
    const y = expand(product, [3 * 2 ** 22, 2, 4]);
    const asked: number[] = [];
    const fits = async (bytes: number) => {
      asked.push(bytes);
      return false;
    };
    await expect(compile(gpu({ fits }), "step", { y })).rejects.toThrow(
      /expected values that fit into one of the device's buffers, got float32 \[12582912, 2, 4\], 384 MiB, in blocks\.1\.mlp\.fc1 \(Expand_\d+\)\. Use a smaller batch/,
    );
    expect(asked).toEqual([3 * 2 ** 27]);
  });

  it("is refused where float16 is missing, which is asked only where there is some", async () => {
    let asked = 0;
    const float16 = async () => {
      asked++;
      return false;
    };
    const half = cast(cast(x, "float16"), "float32");
    await expect(compile(gpu({ float16 }), "step", { half })).rejects.toThrow(
      /expected a GPU that computes in float16 \(shader-f16\), got float16 in Cast_\d+ on one that does not\. Use --precision fp32 and --weights fp32/,
    );
    expect(asked).toBe(1);
  });
});
