/** Which optimiser updates which parameters, whole or as parts of blocks. */
import type { Tensor } from "../graph/node.ts";
import { parameter } from "../graph/ops/source.ts";
import type { ParameterSpecs } from "../nn/layer.ts";
import type { Layout } from "./blocks.ts";
import { hasWeightDecay } from "./no-decay.ts";
import type { OptimizerOptions, UpdateRule } from "./optimizer.ts";

/** Muon is for matrices that decay, AdamW for all others. */
export function updateRules(
  specs: ParameterSpecs,
  decayExempt: readonly string[],
  { muon }: OptimizerOptions,
): (path: string) => UpdateRule {
  return (path) => {
    const decays = hasWeightDecay({ name: path, shape: specs.get(path)!.shape }, decayExempt);
    return { decays, muon: !!muon && decays && !muon.except.some((part) => path.includes(part)) };
  };
}

/** Blocks in the place of the parameters that lie in them, and what happens to each. */
export function inBlocks(
  { blocks }: Layout,
  trained: readonly (readonly [path: string, tensor: Tensor])[],
  ruleOf: (path: string) => UpdateRule,
): [Map<string, Tensor>, (name: string) => UpdateRule] {
  const rules = new Map(blocks.map(({ name, decays }) => [name, { decays, muon: false }]));
  const parameters = new Map(
    blocks.map(({ name, length }) => [name, parameter(name, [length])] as const),
  );
  for (const [path, tensor] of trained) if (ruleOf(path).muon) parameters.set(path, tensor);
  return [parameters, (name) => rules.get(name) ?? ruleOf(name)];
}
