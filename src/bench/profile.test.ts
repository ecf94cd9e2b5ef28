import { describe, expect, it } from "vitest";
import { summarizeProfile } from "./profile.ts";

const event = (name: string, kind: string, ms: number) => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  dur: 1000 * ms,
  args: { op_name: kind },
});

describe("summarizeProfile", () => {
  it("counts each node's best run, and sums by kind", () => {
    const trace = [
      event("a", "Gemm", 9),
      event("b", "Add", 2),
      event("a", "Gemm", 5),
      event("b", "Add", 3),
    ];
    const { kinds, totalMs, productMs } = summarizeProfile([trace], 2);
    expect(kinds).toEqual([
      { kind: "Gemm", nodes: 1, ms: 5 },
      { kind: "Add", nodes: 1, ms: 2 },
    ]);
    expect([totalMs, productMs]).toEqual([7, 5]);
  });

  it("sums the executions of a node that runs several times in one run", () => {
    const trace = [1, 2, 4, 8].map((ms) => event("step", "MatMul", ms));
    expect(summarizeProfile([trace], 2).totalMs).toBe(3);
  });

  it("leaves out events that are no kernels", () => {
    const other = { cat: "Session", name: "model_run", dur: 5 };
    expect(summarizeProfile([[other]], 1)).toEqual({ kinds: [], totalMs: 0, productMs: 0 });
  });
});
