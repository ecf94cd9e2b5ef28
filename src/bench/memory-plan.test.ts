import { describe, expect, it } from "vitest";
import { add } from "../graph/ops/arithmetic.ts";
import { attention } from "../graph/ops/attention.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { square } from "../graph/ops/unary.ts";
import { llamaGenSystem } from "../systems/llamagen.ts";
import { type LlamaGenPresetName, llamaGenPresets } from "../systems/llamagen-presets.ts";
import { marSystem } from "../systems/mar.ts";
import type { MarConfig } from "../systems/mar-config.ts";
import { type MarPresetName, marPresets } from "../systems/mar-presets.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import { varSystem } from "../systems/var.ts";
import type { VarPresetName } from "../systems/var-presets.ts";
import { liveBytes } from "./live-bytes.ts";
import { memoryPlan } from "./memory-plan.ts";
import { weightBytes } from "./weight-bytes.ts";

const composed = (name: VarPresetName) => varSystem.compose(varSystem.presets[name], {});
const fp32 = { weights: "fp32", batch: 1 } as const;

describe("liveBytes", () => {
  const x = input("x", "float32", [10, 10]);

  it("counts a value from its making to its last reader, and no inputs", () => {
    const chain = square(square(square(x)));
    // one being read, one being written
    expect(liveBytes([chain])).toBe(2 * 400);
    const first = square(x);
    expect(liveBytes([add(square(square(first)), first)])).toBe(3 * 400);
  });

  it("counts views, parameters and what lies elsewhere not at all", () => {
    const y = reshape(linearProduct(x, parameter("w", [10, 10])), [100]);
    expect(liveBytes([reshape(y, [4, 25])])).toBe(400);
    const longer = concat([x, x], 0);
    expect(liveBytes([longer, square(longer)], new Set([longer]))).toBe(800);
  });

  it("counts the scores of attention beside their softmax", () => {
    const q = input("q", "float32", [1, 2, 8, 4]);
    const k = input("k", "float32", [1, 2, 32, 4]);
    expect(liveBytes([attention(q, k, k, { scale: 1 })])).toBe(4 * (2 * 8 * 4 + 2 * (2 * 8 * 32)));
  });
});

describe("weightBytes", () => {
  const parameters = modelParameters(composed("d16-256"));

  it("are four a number in fp32, over the whole model", () => {
    expect(weightBytes(parameters, "fp32")).toBe(4 * (310_283_520 + 108_948_355));
  });

  it("shrink with the format in the transformer's matrices alone", () => {
    // the first and the last map stay as they are
    const rows = 16 * (6144 + 3072 + 1024 + 4096 + 1024) + 2048;
    const matrices = 16 * (18 << 20) + 1024 * 2048;
    const all = weightBytes(parameters, "fp32");
    expect(weightBytes(parameters, "fp16")).toBe(all - 2 * matrices);
    expect(weightBytes(parameters, "int8")).toBe(all - 3 * matrices + 4 * rows);
    expect(weightBytes(parameters, "int4")).toBe(all - 3.5 * matrices + (4 * matrices) / 32);
  });
});

describe("memoryPlan", () => {
  it("has the parameters and caches of the published presets", () => {
    const rows = (["d16-256", "d20-256", "d24-256", "d30-256", "d36s-512"] as const).map((name) => {
      const { parameters, cacheBytes } = memoryPlan(composed(name), fp32);
      return [parameters.transformer, cacheBytes];
    });
    // keys and values in float32: 2 · 4 bytes · depth · 2 rows · tokens · 64 · depth
    expect(rows).toEqual([
      [310_283_520, 16 * 16 * 680 * 1024],
      [600_917_136, 16 * 20 * 680 * 1280],
      [1_033_399_360, 16 * 24 * 680 * 1536],
      [2_010_020_356, 16 * 30 * 680 * 1920],
      [2_353_893_904, 16 * 36 * 2240 * 2304],
    ]);
  });

  it.each([
    ["fp32", 2.36e9],
    ["fp16", 2.45e9],
    ["int8", 1.6e9],
    ["int4", 1.58e9],
  ] as const)(
    "is within 20 %% of what drawing with d16 in %s was seen to take",
    (weights, seen) => {
      const { peakBytes, makingBytes, parts } = memoryPlan(composed("d16-256"), {
        weights,
        batch: 1,
      });
      expect(Math.abs(peakBytes / seen - 1)).toBeLessThan(0.2);
      const drawing = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
      expect(peakBytes).toBe(Math.max(drawing, makingBytes));
    },
  );

  it("has the caches of next-token models, and values of their longest step", () => {
    const plan = (name: LlamaGenPresetName) =>
      memoryPlan(llamaGenSystem.compose(llamaGenPresets[name], {}), fp32);
    const [b, xl, t2i] = [plan("b-256"), plan("xl-384"), plan("t2i-xl-256")];
    // keys and values in float32: 2 · 4 bytes · depth · 2 rows · T · width, which stay in place
    expect(b.cacheBytes).toBe(16 * 12 * 256 * 768);
    expect(xl.cacheBytes).toBe(16 * 36 * 576 * 1280);
    expect(t2i.cacheBytes).toBe(16 * 36 * (120 + 255) * 1280);
    expect(b.parts.cache).toBe(b.cacheBytes);
    // a prefix of 120 rows against a single one
    expect(t2i.parts.step).toBeGreaterThan(10 * xl.parts.step);
    expect(b.parameters).toEqual({ transformer: 110_888_448, tokenizer: 71_883_403 });
  });

  it("has no cache for masked models, but all places in the decoder, and the head's values", () => {
    const plan = (name: MarPresetName, change: Partial<MarConfig> = {}) =>
      memoryPlan(marSystem.compose({ ...marPresets[name], ...change }, {}), fp32);
    const [b, l512] = [plan("b-256"), plan("l-512")];
    expect([b.cacheBytes, b.parts.cache]).toEqual([0, 0]);
    expect(b.parameters).toEqual({ transformer: 207_924_768, tokenizer: 66_456_019 });
    // scores of 12 heads over 320 places beside their softmax, for both branches
    expect(b.parts.step).toBeGreaterThan(2 * 4 * 2 * 12 * 320 ** 2);
    expect(b.parts.step).toBeLessThan(10 * 4 * 2 * 12 * 320 ** 2);
    expect(l512.parts.step).toBeGreaterThan(9 * b.parts.step);
    // a head much wider than the predictor takes most when many tokens are drawn at once
    const wide = plan("tiny", { steps: 1, head: { depth: 1, width: 8192 } });
    expect(wide.parts.step).toBeGreaterThan(4 * 2 * 64 * 3 * 8192);
  });

  it("takes no more for pictures that wait", () => {
    const one = memoryPlan(composed("d16-256"), fp32);
    expect(memoryPlan(composed("d16-256"), { ...fp32, batch: 8 })).toEqual(one);
  });
});
