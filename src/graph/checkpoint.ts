/**
 * Rematerialisation: a block's inner values are computed again in the backward pass instead of
 * being kept, which trades 10–15 % of time for about half of the memory (ENGINE 7).
 */
import { pullBack } from "./autodiff.ts";
import { type Node, reachableNodes, type Tensor } from "./node.ts";
import { applyAll, type Op } from "./op.ts";
import { parameterOp } from "./ops/source.ts";

interface CheckpointAttributes {
  /** How many of the node's inputs are the block's results; the rest is what it reads. */
  readonly results: number;
}

/** Inputs: the block's results, then what the block reads. Outputs: the results again. */
export const checkpointOp: Op<CheckpointAttributes> = {
  name: "checkpoint",
  alias: true,
  infer: (inputs, { results }) => inputs.slice(0, results),
  emit: () => {},
  gradient: ({ gradients, inputs, attributes: { results } }) => {
    const reads = inputs.slice(results);
    const again = replay(inputs.slice(0, results), reads);
    return [...Array<undefined>(results), ...pullBack(again, gradients, reads)];
  },
};

/**
 * Runs `block(...inputs)` so that its inner values are not kept for the backward pass. The block
 * may read parameters from its surroundings, but other tensors only through `inputs`.
 *
 * A function that uses it must be compiled with common subexpressions kept apart, or the engine
 * merges the second computation with the first.
 */
export function checkpoint(block: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]): Tensor {
  const result = block(...inputs);
  const parameters = reachableNodes([result])
    .filter((node) => node.op === (parameterOp as Op<never>))
    .map((node) => node.outputs[0]!);
  return applyAll(checkpointOp, [result, ...inputs, ...parameters], { results: 1 })[0]!;
}

/** A second copy of the nodes between `reads` and `results`. */
function replay(results: readonly Tensor[], reads: readonly Tensor[]): Tensor[] {
  const copies = new Map<Tensor, Tensor>(reads.map((tensor) => [tensor, tensor]));
  const copyOf = (tensor: Tensor) => copies.get(tensor) ?? tensor;
  for (const node of reachableNodes(results)) {
    if (!node.inputs.some((input) => copies.has(input))) continue;
    if (node.outputs.some((output) => copies.has(output))) continue;
    copyNode(node, node.inputs.map(copyOf), copies);
  }
  return results.map(copyOf);
}

function copyNode(node: Node, inputs: readonly Tensor[], copies: Map<Tensor, Tensor>): void {
  const outputs: Tensor[] = [];
  const copy: Node = { ...node, inputs, outputs };
  for (const original of node.outputs) {
    const tensor: Tensor = { ...original, node: copy };
    outputs.push(tensor);
    copies.set(original, tensor);
  }
}
