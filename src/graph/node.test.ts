import { describe, expect, it } from "vitest";
import { reachableNodes, type Tensor } from "./node.ts";
import { add, multiply } from "./ops/arithmetic.ts";
import { split } from "./ops/layout.ts";
import { input } from "./ops/source.ts";
import { exp, log } from "./ops/unary.ts";

const x = input("x", "float32", [4]);
const y = input("y", "float32", [4]);

const names = (tensors: Tensor[], from?: Tensor[]) =>
  reachableNodes(tensors, new Set(from)).map(({ op }) => op.name);

describe("reachableNodes", () => {
  it("lists every node once, inputs before their readers", () => {
    const shared = exp(x);
    const result = add(multiply(shared, y), shared);
    expect(names([result, shared])).toEqual(["input", "exp", "input", "multiply", "add"]);
  });

  it("leaves out what the tensors do not need", () => {
    exp(y);
    expect(names([log(x)])).toEqual(["input", "log"]);
  });

  it("counts a node with several outputs once", () => {
    const [a, b] = split(x, [1, 3], 0) as [Tensor, Tensor];
    expect(names([a, exp(b)])).toEqual(["input", "split", "exp"]);
  });

  it("ends at tensors that count as given", () => {
    const middle = exp(x);
    expect(names([add(log(middle), y)], [middle])).toEqual(["log", "input", "add"]);
    expect(names([middle], [middle])).toEqual([]);
  });

  it("walks graphs deeper than the call stack", () => {
    let deep = x;
    for (let i = 0; i < 50_000; i++) deep = exp(deep);
    expect(reachableNodes([deep])).toHaveLength(50_001);
  });
});
