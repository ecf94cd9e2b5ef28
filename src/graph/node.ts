/**
 * A graph is what its tensors reach: every tensor knows the node that makes it, every node its
 * inputs. There is no graph object to pass around, and tracing has no side effects.
 */
import type { Shape } from "./dim.ts";
import type { Dtype } from "./dtype.ts";
import type { Op } from "./op.ts";

export interface TensorSpec {
  readonly dtype: Dtype;
  readonly shape: Shape;
}

/** A value in a graph; its numbers exist only when the graph runs. */
export interface Tensor extends TensorSpec {
  readonly node: Node;
  /** Which of the node's outputs this is. */
  readonly output: number;
}

/** One application of an op. */
export interface Node {
  // an op's attributes are its own business; nothing outside the op reads them
  readonly op: Op<never>;
  readonly inputs: readonly Tensor[];
  readonly attributes: object;
  readonly outputs: readonly Tensor[];
}

/**
 * All nodes that the given tensors need, inputs before their readers.
 *
 * @param from tensors that count as given: the walk ends at them.
 */
export function reachableNodes(
  tensors: readonly Tensor[],
  from: ReadonlySet<Tensor> = new Set(),
): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // an explicit stack: graphs of deep networks would overflow the call stack
  const stack: { node: Node; next: number }[] = [];
  const enter = (tensor: Tensor) => {
    const { node } = tensor;
    if (seen.has(node) || from.has(tensor)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const tensor of tensors) {
    enter(tensor);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.node.inputs[top.next++];
      if (input) enter(input);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}
