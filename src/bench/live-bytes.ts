/** How much memory the values of a graph take while it runs, found by walking it once. */
import type { Shape } from "../graph/dim.ts";
import { allocate } from "../graph/dtype.ts";
import { type Node, reachableNodes, type Tensor } from "../graph/node.ts";
import type { Op } from "../graph/op.ts";
import { attentionOp } from "../graph/ops/attention.ts";
import { convOp } from "../graph/ops/conv.ts";
import { reshapeOp } from "../graph/ops/layout.ts";
import { constantOp, inputOp, parameterOp } from "../graph/ops/source.ts";

const sources: ReadonlySet<unknown> = new Set([inputOp, parameterOp, constantOp]);

/**
 * Most bytes of values that are alive at once, without inputs, parameters and the tensors of
 * `elsewhere`. A value lives from the node that makes it to its last reader. Sizes must be known.
 */
export function liveBytes(
  results: readonly Tensor[],
  elsewhere: ReadonlySet<Tensor> = new Set(),
): number {
  const nodes = reachableNodes(results);
  const readers = new Map<Tensor, number>();
  const count = (tensor: Tensor, by: number) => {
    const own = owner(tensor);
    readers.set(own, (readers.get(own) ?? 0) + by);
    return readers.get(own)!;
  };
  for (const node of nodes) {
    if (!isView(node)) for (const input of node.inputs) count(input, 1);
  }
  for (const result of results) count(result, 1);
  const sizeOf = (tensor: Tensor) =>
    elsewhere.has(tensor) || sources.has(tensor.node.op) ? 0 : bytes(tensor);
  let live = 0;
  let most = 0;
  for (const node of nodes) {
    if (isView(node) || sources.has(node.op)) continue;
    const made = node.outputs.reduce((sum, output) => sum + sizeOf(output), 0);
    live += made;
    most = Math.max(most, live + scratch(node));
    for (const input of node.inputs) {
      if (count(input, -1) === 0) live -= sizeOf(owner(input));
    }
    for (const output of node.outputs) {
      // what nobody reads is gone at once
      if (!readers.get(output)) live -= sizeOf(output);
    }
  }
  return most;
}

/** Memory of the engine's own while a node runs. */
function scratch({ op, inputs, outputs }: Node): number {
  // scores beside their softmax
  if ((op as unknown) === attentionOp) return bytes(outputs[1]!);
  // input and output once more, in the order of channels that the kernel likes
  if ((op as unknown) === convOp) return bytes(inputs[0]!) + bytes(outputs[0]!);
  return 0;
}

function isView(node: Node): boolean {
  return (node.op as Op).alias === true || (node.op as unknown) === reshapeOp;
}

/** The tensor whose memory this one shows. */
function owner(tensor: Tensor): Tensor {
  return isView(tensor.node) ? owner(tensor.node.inputs[tensor.output]!) : tensor;
}

function bytes({ dtype, shape }: Tensor): number {
  return allocate(dtype, 0).BYTES_PER_ELEMENT * elements(shape);
}

function elements(shape: Shape): number {
  return (shape as readonly number[]).reduce((product, size) => product * size, 1);
}
