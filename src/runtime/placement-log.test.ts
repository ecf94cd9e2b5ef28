import { describe, expect, it } from "vitest";
import { linearProduct } from "../graph/ops/product.ts";
import { softmax } from "../graph/ops/softmax.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { openDevice } from "./device.ts";
import { compile } from "./function.ts";
import { heavyFallbacks, PlacementLog, placementLines, placementsOf } from "./placement-log.ts";

const node = (name: string, op_name: string, provider: string) => ({
  cat: "Node",
  name: `${name}_kernel_time`,
  args: { op_name, provider: `${provider}ExecutionProvider` },
});

describe("placements", () => {
  const events = [
    { cat: "Session", name: "model_run" },
    node("a", "MatMul", "WebGpu"),
    node("b", "MatMul", "WebGpu"),
    node("c", "Cast", "CPU"),
    { cat: "Node", name: "a_fence_before" },
  ];

  it("count the nodes of a profile by device and operator", () => {
    expect(placementsOf("step", events)).toEqual([
      { function: "step", device: "webgpu", type: "MatMul", nodes: 2, heavy: true },
      { function: "step", device: "cpu", type: "Cast", nodes: 1, heavy: false },
    ]);
  });

  it("say in a line what ran where, and name what ran elsewhere", () => {
    const placements = placementsOf("step", events);
    expect(placementLines("webgpu", placements)).toEqual([
      "step: 2 nodes on webgpu; 1 on cpu (Cast 1)",
    ]);
    expect(heavyFallbacks("webgpu", placements)).toEqual([]);
  });

  it("tell products that ran on the CPU where another device was asked for", () => {
    const fallen = placementsOf("step", [node("a", "FusedConv", "CPU")]);
    expect(heavyFallbacks("webgpu", fallen)).toEqual(fallen);
    expect(heavyFallbacks("cpu", fallen)).toEqual([]);
  });

  it("are those of the engine: of every function that ran, once, and only of those", async () => {
    const log = await PlacementLog.open();
    const device = await openDevice("cpu", { threads: 1, observer: log });
    const x = input("x", "float32", [2, 4]);
    const product = linearProduct(x, parameter("w", [4, 4]));
    const ran = await compile(device, "ran", { y: softmax(product, 1) });
    const idle = await compile(device, "idle", { y: product });
    for (let i = 0; i < 2; i++) await ran.run({ x: new Float32Array(8), w: new Float32Array(16) });
    const placements = await log.read();
    expect(new Set(placements.map((one) => one.function))).toEqual(new Set(["ran"]));
    expect(placements).toContainEqual({
      function: "ran",
      device: "cpu",
      type: "Softmax",
      nodes: 1,
      heavy: false,
    });
    expect(placements.filter(({ heavy }) => heavy).map(({ nodes }) => nodes)).toEqual([1]);
    await ran.release();
    await idle.release();
    await log.close();
  });
});
