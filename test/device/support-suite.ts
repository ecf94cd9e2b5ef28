/** The table of what WebGPU computes, held against the engine with fallback forbidden. */
import { describe, expect, it } from "vitest";
import type { Dtype } from "../../src/graph/dtype.ts";
import type { Tensor } from "../../src/graph/node.ts";
import { writeModel } from "../../src/graph/onnx/writer.ts";
import { cast, equal, less } from "../../src/graph/ops/compare.ts";
import { gatherElements, lookup } from "../../src/graph/ops/indexing.ts";
import { concat, expand, reshape, transpose } from "../../src/graph/ops/layout.ts";
import { where } from "../../src/graph/ops/select.ts";
import { input } from "../../src/graph/ops/source.ts";
import { slice } from "../../src/graph/ops/window.ts";
import { gapsOf } from "../../src/graph/support/gaps.ts";
import type { Device } from "../../src/runtime/device.ts";
import { createSession } from "../../src/runtime/session.ts";
import { cases } from "../ops/cases.ts";
import { outputsOf } from "../ops/run-case.ts";

/** Operators that hand values on, of every element type that they take. */
function movers(dtype: Dtype): Record<string, Tensor> {
  const [x, y] = [input("x", dtype, [2, 3]), input("y", dtype, [2, 3])];
  const places = input("places", "int32", [2, 3]);
  return {
    transpose: transpose(x, [1, 0]),
    concat: concat([x, y], 0),
    expand: expand(x, [4, 2, 3]),
    reshape: reshape(x, [6]),
    slice: slice(x, 0, 0, 1),
    lookup: lookup(x, input("ids", "int32", [4])),
    gatherElements: gatherElements(x, places),
    where: where(input("chosen", "bool", [2, 3]), x, y),
    less: less(x, y),
    equal: equal(x, y),
    toFloat: cast(x, "float32"),
    toInt: cast(x, "int32"),
    toBool: cast(x, "bool"),
  };
}

export function supportSuite(gpu: Device): void {
  /** Whether the table misses something, and whether the engine does. */
  async function verdicts(outputs: Readonly<Record<string, Tensor>>): Promise<boolean[]> {
    const results = new Map(Object.entries(outputs));
    const { bytes, nodes } = writeModel({ name: "f", outputs: results, target: "webgpu" });
    const created = createSession(gpu.engine, "webgpu", bytes, [...results.keys()], {
      noFallback: true,
    });
    const refused = await created.then(
      (session) => session.release().then(() => false),
      () => true,
    );
    return [gapsOf(nodes, "webgpu").length > 0, refused];
  }

  const title = "is known to lack what the engine refuses, and nothing else";
  describe(title, { timeout: 300_000 }, () => {
    it.each(["float32", "int32", "int64", "bool"] as const)("of %s", async (dtype) => {
      for (const [name, y] of Object.entries(movers(dtype))) {
        const [missing, refused] = await verdicts({ result: y });
        expect(missing, name).toBe(refused);
      }
    });

    it("of every op, forwards and backwards", async () => {
      let refusals = 0;
      for (const test of cases) {
        const [missing, refused] = await verdicts(outputsOf(test, true));
        expect(missing, test.name).toBe(refused);
        if (refused) refusals++;
      }
      expect(refusals).toBeGreaterThan(5);
    });
  });
}
