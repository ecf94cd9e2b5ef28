/** What of a graph need not be computed again in every run. */
import { type Node, reachableNodes, type Tensor } from "./node.ts";
import type { Op } from "./op.ts";
import { constantOp, type InputAttributes, inputOp, parameterOp } from "./ops/source.ts";

/**
 * The tensors that a graph's first run could hand to the later ones: they depend on the named inputs,
 * which stay the same, on parameters and constants, and on nothing else; and something that does
 * change reads them, or they are results themselves.
 *
 * @param fixed names of the inputs that stay the same.
 */
export function invariantTensors(
  outputs: readonly Tensor[],
  fixed: ReadonlySet<string>,
): readonly Tensor[] {
  const nodes = reachableNodes(outputs);
  const kinds = new Map<Node, Kind>();
  for (const node of nodes) kinds.set(node, kindOf(node, fixed, kinds));
  const found = new Set<Tensor>();
  const consider = (tensor: Tensor) => {
    if (kinds.get(tensor.node) === "fixed" && !isOp(tensor.node, inputOp)) found.add(tensor);
  };
  for (const node of nodes) if (kinds.get(node) === "changing") node.inputs.forEach(consider);
  outputs.forEach(consider);
  return [...found];
}

/** `known` when the graph is written, `fixed` after the first run, or `changing`. */
type Kind = "known" | "fixed" | "changing";

function kindOf(node: Node, fixed: ReadonlySet<string>, kinds: ReadonlyMap<Node, Kind>): Kind {
  if (isOp(node, inputOp)) {
    return fixed.has((node.attributes as InputAttributes).name) ? "fixed" : "changing";
  }
  if (isOp(node, parameterOp) || isOp(node, constantOp)) return "known";
  const inputs = node.inputs.map((input) => kinds.get(input.node)!);
  if (inputs.includes("changing")) return "changing";
  return inputs.includes("fixed") ? "fixed" : "known";
}

function isOp(node: Node, op: unknown): boolean {
  return (node.op as Op as unknown) === op;
}
