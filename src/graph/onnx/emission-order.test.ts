import { describe, expect, it } from "vitest";
import { grad } from "../autodiff.ts";
import { type Node, reachableNodes, type Tensor } from "../node.ts";
import { matmul } from "../ops/product.ts";
import { sum } from "../ops/reduce.ts";
import { input, parameter } from "../ops/source.ts";
import { exp, tanh } from "../ops/unary.ts";
import { emissionOrder } from "./emission-order.ts";

const x = input("x", "float32", [4, 4]);
const weights = [0, 1, 2].map((i) => parameter(`w${i}`, [4, 4]));

/** The loss of a chain of products, and the gradients of its weights, first to last. */
function trainingGraph(): Tensor[] {
  const loss = sum(weights.reduce((h, w) => tanh(matmul(h, w)), x));
  return [loss, ...grad(loss, weights)];
}

const leavesOf = (nodes: readonly Node[]) => {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  return nodes.filter((node) => !read.has(node));
};

describe("emissionOrder", () => {
  const outputs = trainingGraph();
  const order = emissionOrder(outputs);

  it("has every needed node once, inputs before their readers", () => {
    expect(new Set(order)).toEqual(new Set(reachableNodes(outputs)));
    const place = new Map(order.map((node, i) => [node, i]));
    for (const node of order) {
      for (const { node: source } of node.inputs) {
        expect(place.get(source)).toBeLessThan(place.get(node)!);
      }
    }
  });

  it("puts all leaves at the end", () => {
    const leaves = leavesOf(order);
    expect(leaves).toHaveLength(4);
    expect(order.slice(-leaves.length)).toEqual(leaves);
  });

  it("puts the deepest leaf first, so that the engine starts at the shallowest", () => {
    const [loss, first, second, third] = outputs.map(({ node }) => node) as [
      Node,
      Node,
      Node,
      Node,
    ];
    // the gradient of the first weight is at the end of the longest way
    expect(leavesOf(order)).toEqual([first, second, third, loss]);
  });

  it("keeps a chain as it is", () => {
    const y = exp(tanh(x));
    expect(emissionOrder([y]).map(({ op }) => op.name)).toEqual(["input", "tanh", "exp"]);
  });
});
