/** Every op against its definition in plain float64, and its emissions against each other. */
import { describe, expect, it } from "vitest";
import type { Target } from "../../src/graph/emitter.ts";
import { reachableNodes } from "../../src/graph/node.ts";
import { writeModel } from "../../src/graph/onnx/writer.ts";
import { type Device, openDevice } from "../../src/runtime/device.ts";
import { cases } from "./cases.ts";
import { trace } from "./gradient-check.ts";
import type { OpCase } from "./op-case.ts";
import { largestError, outputsOf, plainInputs, runCase } from "./run-case.ts";

const device = await openDevice("cpu");

/** The CPU running what is written for other targets. */
const as = (target: Device["target"]): Device => ({ ...device, target });

const named = (tests: readonly OpCase[]) => tests.map((test) => [test.name, test] as const);

async function values(on: Device, test: OpCase, gradients = false): Promise<number[]> {
  const results = await runCase(on, test, { gradients });
  return Object.values(results).flatMap(({ data }) =>
    Array.from(data as Iterable<number | bigint>, Number),
  );
}

it("case names are unique", () => {
  const names = cases.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

it.each(named(cases))("%s contains the op that it is about", (_, test) => {
  const ops = reachableNodes(trace(test).results).map(({ op }) => op);
  expect(ops).toContain(test.op);
});

describe("values are those of the definition", () => {
  // float16 keeps 11 bits, float32 24; sums and the engine's approximations cost a few
  const tolerance = ({ name, tolerance }: OpCase) =>
    tolerance ?? (name.includes("float16") ? 1e-3 : 1e-5);

  it.each(named(cases))("%s", async (_, test) => {
    const wanted = test.reference(...plainInputs(test));
    expect(largestError(await values(device, test), wanted)).toBeLessThan(tolerance(test));
  });
});

describe("all emissions agree", () => {
  const written = (test: OpCase, target: Target) => {
    const outputs = new Map(Object.entries(outputsOf(test, true)));
    return Buffer.from(writeModel({ name: test.name, outputs, target }).bytes);
  };
  const differing = cases.flatMap((test) => {
    const own = written(test, "cpu");
    const others = (["portable", "webgpu"] as const).filter(
      // what WebGPU does not have is refused before anything runs
      (target) =>
        !(target === "webgpu" && test.webgpuMissing) && !written(test, target).equals(own),
    );
    return others.map((target) => [test.name, target, test] as const);
  });

  it("several ops are written in more than one way", () => {
    const ops = new Set(differing.map(([, , { op }]) => op.name));
    for (const op of ["gelu", "silu", "logSoftmax", "crossEntropy", "attention", "matmul"]) {
      expect(ops).toContain(op);
    }
  });

  it.each(differing)("%s: %s and CPU", async (_, target, test) => {
    const own = await values(device, test, true);
    expect(largestError(await values(as(target), test, true), own)).toBeLessThan(
      test.tolerance ?? 5e-6,
    );
  });
});
