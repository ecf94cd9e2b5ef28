import { describe, expect, it } from "vitest";
import { conv2d, evenPadding } from "../graph/ops/conv.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { openDevice } from "../runtime/device.ts";
import { openConvStep } from "./conv-step.ts";
import { forwardFlop, trainingFlop } from "./flops.ts";
import { openTrainStep } from "./train-step.ts";

describe("operations", () => {
  const x = input("x", "float32", [4, 8]);
  const first = linearProduct(x, parameter("a", [16, 8]));
  const second = linearProduct(first, parameter("b", [2, 16]));

  it("are two per multiplication going forward", () => {
    expect(forwardFlop([second])).toBe(2 * (4 * 8 * 16 + 4 * 16 * 2));
  });

  it("leave out what is there already", () => {
    expect(forwardFlop([second], new Set([first]))).toBe(2 * (4 * 16 * 2));
  });

  it("count once more for each operand that needs a gradient", () => {
    // the first product's input is data: only its weight needs one
    expect(trainingFlop(sum(second))).toBe(2 * (2 * 4 * 8 * 16 + 3 * 4 * 16 * 2));
  });

  it("of a convolution are those of its taps", () => {
    const picture = input("picture", "float32", [2, 3, 8, 8]);
    const y = conv2d(picture, parameter("w", [5, 3, 3, 3]), undefined, { padding: evenPadding(1) });
    expect(forwardFlop([y])).toBe(2 * (2 * 5 * 8 * 8) * (3 * 3 * 3));
  });
});

describe("the training targets", () => {
  it("lower their loss, at tiny sizes", async () => {
    const device = await openDevice("cpu");
    const transformer = { width: 32, layers: 1, heads: 2, tokens: 8, batch: 2, vocabulary: 16 };
    const autoencoder = { channels: 8, groups: 4, size: 8, batch: 2, middle: 1 };
    for (const workload of [
      await openTrainStep(device, transformer),
      await openConvStep(device, autoencoder),
    ]) {
      const before = await workload.run();
      for (let i = 0; i < 20; i++) await workload.run();
      expect(await workload.run()).toBeLessThan(before);
      expect(workload.flop).toBeGreaterThan(0);
      await workload.close();
    }
  });
});
