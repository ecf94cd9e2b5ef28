import { describe, expect, it } from "vitest";
import { fnv1a32, ruleUniforms, ruleWeights } from "./rule-weights.ts";

describe("rule weights", () => {
  it("hashes texts as FNV-1a defines", () => {
    expect([fnv1a32(""), fnv1a32("a"), fnv1a32("foobar")]).toEqual([
      0x811c9dc5, 0xe40c292c, 0xbf9cf968,
    ]);
  });

  it("draws uniforms from [0, 1) around a mean of 1/2", () => {
    const draws = ruleUniforms("test", 100_000);
    expect(Math.min(...draws.slice(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws.slice(0, 50_000))).toBeLessThan(1);
    expect(draws.reduce((sum, u) => sum + u, 0) / draws.length).toBeCloseTo(0.5, 2);
  });

  // first, second, last value and float64 sum of parameters in var.pth of the case var-tiny
  it.each([
    [
      "var.pos_start",
      [1, 1, 128],
      0.6,
      0,
      0.1087716668844223,
      0.5058998465538025,
      0.47976136207580566,
      1.6259194118902087,
    ],
    [
      "var.word_embed.bias",
      [128],
      0.6,
      0,
      -0.5332797169685364,
      0.34589889645576477,
      -0.1593295782804489,
      0.535696791484952,
    ],
    [
      "var.blocks.0.attn.scale_mul_1H11",
      [1, 4, 1, 1],
      0.3,
      1.4,
      1.5021270513534546,
      1.5282683372497559,
      1.4610322713851929,
      5.983416438102722,
    ],
    [
      "var.head.weight",
      [64, 128],
      0.4,
      0,
      -0.2913757860660553,
      0.012293200008571148,
      -0.1968480497598648,
      23.985338386924923,
    ],
    [
      "var.blocks.1.ada_lin.1.weight",
      [768, 128],
      0.08,
      0,
      0.0786772221326828,
      -0.056573934853076935,
      0.07946768403053284,
      -18.700389998908406,
    ],
  ])("makes %s of var-tiny as PyTorch stored it", (key, shape, scale, offset, ...expected) => {
    const values = ruleWeights(1, { key, shape, scale, offset });
    const sum = values.reduce((total, value) => total + value, 0);
    expect([values[0], values[1], values.at(-1), sum]).toEqual(expected);
  });
});
