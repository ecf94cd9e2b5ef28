/**
 * Stochastic depth (Huang et al. 2016): residual branches are left out for some samples of a batch,
 * more often in later blocks; what stays is divided by its chance to stay.
 */

import { input } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import type { BranchFactors } from "../nn/adaln-block.ts";
import type { Random } from "../random/random.ts";

const NAME = "branchFactors";

/** The factors of block i, cut out of one input [2·depth, B, 1, 1]. */
export function branchInputs(batch: number, depth: number): (block: number) => BranchFactors {
  const all = input(NAME, "float32", [2 * depth * batch, 1, 1]);
  const part = (row: number) => slice(all, 0, row * batch, (row + 1) * batch);
  return (block) => ({ attention: part(2 * block), mlp: part(2 * block + 1) });
}

/** @param rate how often a branch of the last block is left out; earlier ones rise to it from 0. */
export function branchFactors(
  rate: number,
  batch: number,
  depth: number,
  random: Random,
): Record<string, Float32Array> {
  const factors = new Float32Array(2 * depth * batch);
  for (let block = 0; block < depth; block++) {
    const keep = 1 - (depth === 1 ? rate : (rate * block) / (depth - 1));
    for (let i = 2 * block * batch; i < 2 * (block + 1) * batch; i++) {
      factors[i] = random.uniform() < keep ? 1 / keep : 0;
    }
  }
  return { [NAME]: factors };
}
