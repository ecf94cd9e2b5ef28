import { describe, expect, it } from "vitest";
import { summarizeProfile } from "./profile.ts";
import type { TraceEvent } from "./trace.ts";

const event = (name: string, kind: string, ms: number): TraceEvent => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  dur: 1000 * ms,
  args: { op_name: kind },
});
const end = (ms: number): TraceEvent => ({ cat: "Session", name: "model_run", dur: 1000 * ms });

describe("summarizeProfile", () => {
  it("counts each node's best run, and sums by kind", () => {
    const events = [
      event("a", "Gemm", 9),
      event("b", "Add", 2),
      end(12),
      event("a", "Gemm", 5),
      event("b", "Add", 3),
      end(9),
    ];
    const profile = summarizeProfile([{ name: "step", events }], 2);
    expect(profile.kinds).toEqual([
      { kind: "Gemm", nodes: 1, ms: 5 },
      { kind: "Add", nodes: 1, ms: 2 },
    ]);
    expect([profile.totalMs, profile.productMs]).toEqual([7, 5]);
    expect(profile.phases).toMatchObject([{ name: "step", wallMs: 9 }]);
  });

  it("tells the executions of a run apart, as phases", () => {
    const events = [1, 2, 4, 8].flatMap((ms) => [event("n", "MatMul", ms), end(ms)]);
    const { totalMs, phases } = summarizeProfile([{ name: "step", events }], 2);
    // two runs of two executions each: 1 and 4 are the first of their runs
    expect(totalMs).toBe(3);
    expect(phases.map(({ name, wallMs }) => [name, wallMs])).toEqual([
      ["step 1", 1],
      ["step 2", 2],
    ]);
  });

  it("counts what a branch runs, not the branch around it", () => {
    const events = [event("inner", "Gemm", 3), event("choice", "If", 4), end(5)];
    const { totalMs, kinds } = summarizeProfile([{ name: "step", events }], 1);
    expect([totalMs, kinds.length]).toEqual([3, 1]);
  });

  it("leaves out events that are no kernels", () => {
    const fence = { cat: "Node", name: "a_fence_before", dur: 5 };
    const profile = summarizeProfile([{ name: "x", events: [fence, end(1)] }], 1);
    expect(profile).toMatchObject({ kinds: [], totalMs: 0, productMs: 0 });
  });

  it("finds layers by the parameters that nodes read", () => {
    const nodes = [
      ["LayerNormalization_1", "LayerNormalization"],
      ["blocks.0.attention.qkv.weight/Gemm_3", "Gemm"],
      ["Softmax_4", "Softmax"],
      ["Transpose", "Transpose"],
      ["MatMul_5/MatmulTransposeFusion", "FusedMatMul"],
      ["blocks.0.attention.projection.weight/Gemm_6", "Gemm"],
      ["Add_7", "Add"],
      ["LayerNormalization_8", "LayerNormalization"],
      ["Mul_9", "Mul"],
      ["blocks.0.mlp.fc1.weight/Gemm_10", "Gemm"],
      ["tokenizer.decoder.up.2.blocks.1.conv1.weight/Conv_11", "Conv"],
      ["head.logits.weight/Gemm_12", "Gemm"],
    ] as const;
    const events = [...nodes.map(([name, kind]) => event(name, kind, 1)), end(99)];
    const { phases } = summarizeProfile([{ name: "step", events }], 1);
    const rows = phases[0]!.entries.map(({ layer, part, kind }) => `${layer} ${part} ${kind}`);
    expect(rows).toEqual([
      "blocks.0 attention LayerNormalization",
      "blocks.0 attention Gemm",
      "blocks.0 attention Softmax",
      "blocks.0 attention Transpose",
      "blocks.0 attention FusedMatMul",
      "blocks.0 attention Add",
      "blocks.0 mlp LayerNormalization",
      "blocks.0 mlp Mul",
      "blocks.0 mlp Gemm",
      "decoder.up.2 blocks.1 Conv",
      "head logits Gemm",
    ]);
  });
});
