/**
 * Rematerialisation: a block's inner values are computed again in the backward pass instead of
 * being kept, which trades 10–15 % of time for about half of the memory (ENGINE 7).
 */
import { pullBack } from "./autodiff.ts";
import { type Node, reachableNodes, type Tensor } from "./node.ts";
import { applyAll, type Op } from "./op.ts";
import { inputOp, parameterOp } from "./ops/source.ts";
import { stopGradient } from "./ops/stop-gradient.ts";

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
    // the walk back ends where the block begins: what lies before is the outer walk's to pass
    const ends = reads.map(stopGradient);
    const again = replay(inputs.slice(0, results), reads, ends);
    return [...Array<undefined>(results), ...pullBack(again, gradients, ends)];
  },
};

/**
 * Runs `block(...inputs)` so that its inner values are not kept for the backward pass. Gradients
 * flow to `inputs`, and to whatever parameters and graph inputs the block reads by itself; a
 * tensor from its surroundings that is not among `inputs` is computed again with the block.
 *
 * A function that uses it must be compiled with common subexpressions kept apart, or the engine
 * merges the second computation with the first.
 */
export function checkpoint(block: (...inputs: Tensor[]) => Tensor, inputs: Tensor[]): Tensor {
  const result = block(...inputs);
  const sources = reachableNodes([result], new Set(inputs))
    .filter(({ op }) => op === (parameterOp as Op<never>) || op === (inputOp as Op<never>))
    .map((node) => node.outputs[0]!);
  const reads = new Set([...inputs, ...sources]);
  return applyAll(checkpointOp, [result, ...reads], { results: 1 })[0]!;
}

/** A second copy of the nodes between `reads` and `results`, in which `ends` stand for the reads. */
function replay(
  results: readonly Tensor[],
  reads: readonly Tensor[],
  ends: readonly Tensor[],
): Tensor[] {
  const copies = new Map<Tensor, Tensor>(reads.map((tensor, i) => [tensor, ends[i]!]));
  const copyOf = (tensor: Tensor) => copies.get(tensor) ?? tensor;
  for (const node of reachableNodes(results, new Set(reads))) {
    if (!node.inputs.some((input) => copies.has(input))) continue;
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
    // an output that is itself a read stands for its mark
    if (!copies.has(original)) copies.set(original, tensor);
  }
}
