/**
 * The order in which nodes are written. ONNX Runtime walks depth-first from the last leaf of the
 * file (ENGINE 7), so the leaves — gradients, updates, losses — come last, those closest to the
 * inputs at the very end: each gradient is then used as soon as it exists, and activations die
 * early instead of waiting for the whole backward pass.
 */
import { type Node, reachableNodes, type Tensor } from "../node.ts";

/**
 * All nodes that the outputs need: inputs before readers, leaves last and deepest first.
 *
 * @param given tensors that need not be made.
 */
export function emissionOrder(outputs: readonly Tensor[], given?: ReadonlySet<Tensor>): Node[] {
  const nodes = reachableNodes(outputs, given);
  const read = new Set(nodes.flatMap((node) => node.inputs.map((input) => input.node)));
  const depths = depthOf(nodes);
  const inner = nodes.filter((node) => read.has(node));
  const leaves = nodes.filter((node) => !read.has(node));
  leaves.sort((a, b) => depths.get(b)! - depths.get(a)!);
  return [...inner, ...leaves];
}

/** The longest way from a source to each node. */
function depthOf(nodes: readonly Node[]): Map<Node, number> {
  const depths = new Map<Node, number>();
  for (const node of nodes) {
    const deepest = node.inputs.reduce((d, input) => Math.max(d, depths.get(input.node) ?? 0), 0);
    depths.set(node, deepest + 1);
  }
  return depths;
}
