/**
 * Whether a result may be written over an input of the same shape: every reader of the input must
 * have run by then, so each one has to be an ancestor of the node that writes the result, and that
 * node may itself read the input only element by element.
 */
import { type Node, reachableNodes, type Tensor } from "./node.ts";
import type { Op } from "./op.ts";
import * as arithmetic from "./ops/arithmetic.ts";
import { reshapeOp } from "./ops/layout.ts";

const elementwise: ReadonlySet<unknown> = new Set([
  arithmetic.addOp,
  arithmetic.subtractOp,
  arithmetic.multiplyOp,
  arithmetic.divideOp,
  arithmetic.negateOp,
]);

/** Nodes that pass their input's memory on. */
function passesOn(node: Node): boolean {
  return (node.op as Op).alias === true || (node.op as unknown) === reshapeOp;
}

function source(tensor: Tensor): Tensor {
  return (tensor.node.op as Op).alias ? source(tensor.node.inputs[tensor.output]!) : tensor;
}

/**
 * Names the pairs that are not safe.
 *
 * @param pairs the input and the result that is to take its place, by name.
 * @param outputs all results of the graph.
 */
export function unsafeInPlace(
  pairs: ReadonlyMap<string, readonly [input: Tensor, result: Tensor]>,
  outputs: readonly Tensor[],
): string[] {
  const nodes = reachableNodes(outputs);
  const readers = new Map<Tensor, Node[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const list = readers.get(input);
      if (list) list.push(node);
      else readers.set(input, [node]);
    }
  }
  const readersOf = (tensor: Tensor): Node[] =>
    (readers.get(tensor) ?? []).flatMap((node) =>
      passesOn(node) ? [node, ...node.outputs.flatMap(readersOf)] : [node],
    );
  const unsafe: string[] = [];
  for (const [name, [input, result]] of pairs) {
    const writer = source(result).node;
    const finished = new Set(reachableNodes([source(result)]));
    const safe = readersOf(input).every(
      (reader) =>
        passesOn(reader) || (reader === writer ? elementwise.has(reader.op) : finished.has(reader)),
    );
    if (!safe) unsafe.push(name);
  }
  return unsafe;
}
