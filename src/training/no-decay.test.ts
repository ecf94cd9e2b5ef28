import { expect, test } from "vitest";
import { hasWeightDecay, splitByDecay } from "./no-decay.ts";

// VAR's sheet, under the official names
const exempt = ["pos_1LC", "pos_start", "lvl_embed", "scale_mul", "ada_gss", "gamma", "beta"];
const official: [name: string, shape: number[], decayed: boolean][] = [
  ["word_embed.weight", [64, 32], true],
  ["word_embed.bias", [64], false],
  ["class_emb.weight", [1001, 64], true],
  ["pos_start", [1, 1, 64], false],
  ["pos_1LC", [1, 680, 64], false],
  ["lvl_embed.weight", [10, 64], false],
  ["blocks.0.attn.scale_mul_1H11", [1, 4, 1, 1], false],
  ["blocks.0.attn.q_bias", [64], false],
  ["blocks.0.attn.mat_qkv.weight", [192, 64], true],
  ["blocks.0.ada_gss", [1, 1, 6, 64], false],
  ["blocks.0.ada_lin.1.weight", [384, 64], true],
  ["head.weight", [4096, 64], true],
  ["head.bias", [4096], false],
];

test.each(official)("VAR: %s %j is decayed: %s", (name, shape, decayed) => {
  expect(hasWeightDecay({ name, shape }, exempt)).toBe(decayed);
});

test("a name that ends in bias is exempt whatever its shape", () => {
  expect(hasWeightDecay({ name: "attention.relativeBias.bias", shape: [4, 4] }, [])).toBe(false);
  expect(hasWeightDecay({ name: "attention.relativeBias", shape: [4, 4] }, [])).toBe(false);
  expect(hasWeightDecay({ name: "biasTable.weight", shape: [4, 4] }, [])).toBe(true);
});

test("vectors and scalars are exempt whatever their name", () => {
  expect(hasWeightDecay({ name: "norm.weight", shape: [64] }, [])).toBe(false);
  expect(hasWeightDecay({ name: "temperature", shape: [] }, [])).toBe(false);
});

test("the two groups hold every parameter once, in order", () => {
  const parameters = official.map(([name, shape]) => ({ name, shape }));
  const { decayed, exempted } = splitByDecay(parameters, exempt);
  expect(decayed.map(({ name }) => name)).toEqual(
    official.filter(([, , kept]) => kept).map(([name]) => name),
  );
  expect(decayed.length + exempted.length).toBe(parameters.length);
});
