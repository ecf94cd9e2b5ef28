import { expect, test } from "vitest";
import { random } from "../random/random.ts";
import { branchFactors } from "./stochastic-depth.ts";

/** The factors of one block's branch, [B]. */
function branch(all: Float32Array, batch: number, row: number): Float32Array {
  return all.subarray(row * batch, (row + 1) * batch);
}

test("branches are left out more often in later blocks, and the rest makes up for it", () => {
  const [batch, depth, rate] = [20_000, 3, 0.4];
  const { branchFactors: all } = branchFactors(rate, batch, depth, random(1));
  expect(all!.length).toBe(2 * depth * batch);
  for (let block = 0; block < depth; block++) {
    const keep = 1 - (rate * block) / (depth - 1);
    for (const row of [2 * block, 2 * block + 1]) {
      const factors = branch(all!, batch, row);
      const values = new Set(factors);
      expect([...values].every((x) => x === 0 || x === Math.fround(1 / keep))).toBe(true);
      // four standard deviations of a binomial share; the expectation of a factor is 1
      const spread = 4 * Math.sqrt((keep * (1 - keep)) / batch);
      const kept = factors.filter((x) => x > 0).length / batch;
      expect(Math.abs(kept - keep)).toBeLessThanOrEqual(spread);
      const mean = factors.reduce((sum, x) => sum + x, 0) / batch;
      expect(Math.abs(mean - 1)).toBeLessThanOrEqual(spread / keep + 1e-6);
    }
  }
});

test("the first block is never left out; attention and MLP are drawn apart", () => {
  const batch = 200;
  const { branchFactors: all } = branchFactors(0.5, batch, 2, random(2));
  expect(branch(all!, batch, 0).every((x) => x === 1)).toBe(true);
  expect(branch(all!, batch, 1).every((x) => x === 1)).toBe(true);
  expect(branch(all!, batch, 2)).not.toEqual(branch(all!, batch, 3));
});

test("rate 0 leaves nothing out", () => {
  const { branchFactors: all } = branchFactors(0, 5, 4, random(3));
  expect([...all!]).toEqual(Array<number>(40).fill(1));
});
