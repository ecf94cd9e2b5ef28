/**
 * Whether a result may be written over an input of the same shape: every reader of the input must
 * have run by then, so each one has to be an ancestor of the node that writes the result, and that
 * node may itself read the input only element by element. An input that is handed out as a result
 * is read by the copy that makes it one, at the very end.
 */
import { type Node, reachableNodes, type Tensor } from "./node.ts";
import type { Op } from "./op.ts";
import * as arithmetic from "./ops/arithmetic.ts";
import { cachedAttentionOp } from "./ops/cached-attention.ts";
import { replaceRowsOp } from "./ops/indexing.ts";
import { reshapeOp } from "./ops/layout.ts";

/** They read what is at a place no later than they write there. */
const elementwise: ReadonlySet<unknown> = new Set([
  replaceRowsOp,
  cachedAttentionOp,
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

/** Whether a node is made from all of these, or is the one; the nearest are looked at first. */
function liesBelow(node: Node, sources: readonly Node[]): boolean {
  const missing = new Set(sources);
  const seen = new Set([node]);
  for (const one of seen) {
    missing.delete(one);
    if (missing.size === 0) return true;
    for (const { node: above } of one.inputs) seen.add(above);
  }
  return false;
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
  const results = new Set(outputs.map(source));
  const isView = (node: Node) => passesOn(node) && !node.outputs.some((view) => results.has(view));
  const isSafe = (input: Tensor, written: Tensor): boolean => {
    // a result that is the input itself changes nothing
    if (written === input) return true;
    if (results.has(input)) return false;
    const others = readersOf(input).filter((reader) => !isView(reader));
    if (others.includes(written.node) && !elementwise.has(written.node.op)) return false;
    return liesBelow(written.node, others);
  };
  return [...pairs].flatMap(([name, [input, result]]) =>
    isSafe(source(input), source(result)) ? [] : [name],
  );
}
