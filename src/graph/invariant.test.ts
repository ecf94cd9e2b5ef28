import { describe, expect, it } from "vitest";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { DeviceState } from "../runtime/handle.ts";
import { invariantTensors } from "./invariant.ts";
import { add, multiply } from "./ops/arithmetic.ts";
import { chunk } from "./ops/layout.ts";
import { input, parameter, scalar } from "./ops/source.ts";
import { exp } from "./ops/unary.ts";

const x = input("x", "float32", [2]);
const condition = input("condition", "float32", [4]);

describe("invariantTensors", () => {
  it("are the last ones that depend on nothing that changes", () => {
    const [scale, shift] = chunk(exp(condition), 2, 0) as [typeof x, typeof x];
    const widened = add(scale, 1);
    const y = add(multiply(x, widened), shift);
    expect(new Set(invariantTensors([y], new Set(["condition"])))).toEqual(
      new Set([widened, shift]),
    );
  });

  it("leave out inputs, and what is known when the graph is written", () => {
    const known = multiply(parameter("w", [2]), scalar(2));
    expect(invariantTensors([add(add(x, known), x)], new Set(["condition"]))).toEqual([]);
    const short = input("short", "float32", [2]);
    expect(invariantTensors([add(x, short)], new Set(["short"]))).toEqual([]);
  });

  it("hold results that do not change", () => {
    const y = exp(condition);
    expect(invariantTensors([y], new Set(["condition"]))).toEqual([y]);
    expect(invariantTensors([y], new Set())).toEqual([]);
  });

  it("may be given to a function instead of being computed", async () => {
    const device = await openDevice("cpu");
    const [scale, shift] = chunk(exp(condition), 2, 0) as [typeof x, typeof x];
    const y = add(multiply(x, scale), shift);
    const whole = await compile(device, "whole", { y });
    const given = new Map(
      invariantTensors([y], new Set(["condition"])).map((tensor, i) => [tensor, `given ${i}`]),
    );
    const results = Object.fromEntries([...given].map(([tensor, name]) => [`new ${name}`, tensor]));
    const stores = new Map([...given.values()].map((name) => [`new ${name}`, name]));
    const first = await compile(device, "first", results, { stores });
    const rest = await compile(device, "rest", { y }, { given });
    expect([...rest.inputs.keys()].sort()).toEqual(["given 0", "given 1", "x"]);
    const feeds = { x: Float32Array.of(3, 4), condition: Float32Array.of(0.1, 0.2, 0.3, 0.4) };
    const state = new DeviceState();
    await first.run({ condition: feeds.condition }, state);
    const expected = await whole.run(feeds);
    expect((await rest.run({ x: feeds.x }, state)).y!.data).toEqual(expected.y!.data);
    for (const fn of [whole, first, rest]) await fn.release();
  });
});
