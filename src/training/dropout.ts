/**
 * Dropout (Srivastava et al. 2014): numbers are left out at random, and what stays is divided by its
 * chance to stay. The factors are an input, like all that is random.
 */
import type { Shape } from "../graph/dim.ts";
import type { Tensor } from "../graph/node.ts";
import { input } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import type { BranchFactors } from "../nn/adaln-block.ts";
import type { Random } from "../random/random.ts";
import type { HostTensor } from "../runtime/handle.ts";

const BRANCHES = "branchDropout";

/** The factors of both branches of block i, cut out of one input. */
export function branchDropoutInputs(
  depth: number,
  [batch, ...rest]: readonly [number, number, number],
): (block: number) => BranchFactors {
  const all = input(BRANCHES, "float32", [2 * depth * batch, ...rest]);
  const part = (row: number) => slice(all, 0, row * batch, (row + 1) * batch);
  return (block) => ({ attention: part(2 * block), mlp: part(2 * block + 1) });
}

export function branchDropoutFeeds(
  rate: number,
  depth: number,
  [batch, ...rest]: readonly [number, number, number],
  random: Random,
): Record<string, HostTensor> {
  const dims = [2 * depth * batch, ...rest];
  return { [BRANCHES]: { data: dropoutFactors(rate, dims, random), dims } };
}

const TOKENS = "tokenDropout";

/** The factors of the transformer's input vectors. */
export function tokenDropoutInput(shape: Shape): Tensor {
  return input(TOKENS, "float32", shape);
}

export function tokenDropoutFeeds(
  rate: number,
  dims: readonly number[],
  random: Random,
): Record<string, HostTensor> {
  return { [TOKENS]: { data: dropoutFactors(rate, dims, random), dims } };
}

/** 0 in the given share of places, on average, and 1 / (1 − rate) elsewhere. */
export function dropoutFactors(
  rate: number,
  dims: readonly number[],
  random: Random,
): Float32Array {
  const factors = random.uniforms(dims.reduce((product, size) => product * size, 1));
  const stays = 1 / (1 - rate);
  for (let i = 0; i < factors.length; i++) factors[i] = factors[i]! < rate ? 0 : stays;
  return factors;
}
