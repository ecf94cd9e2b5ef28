import { describe, expect, it } from "vitest";
import { namedDim } from "../graph/dim.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { cast } from "../graph/ops/compare.ts";
import { concat, transpose } from "../graph/ops/layout.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import { type Device, openDevice } from "./device.ts";
import { compile } from "./function.ts";
import { DeviceState, type Handle } from "./handle.ts";

const device = await openDevice("cpu");
const p = input("p", "float32", [3]);
const g = input("g", "float32", [3]);
const stores = new Map([["new p", "p"]]);

async function stateOf(values: Record<string, Float32Array>): Promise<DeviceState> {
  const state = new DeviceState();
  for (const [name, data] of Object.entries(values)) {
    state.set(name, await device.upload("float32", [data.length], data));
  }
  return state;
}

const read = async (state: DeviceState, name: string) => [
  ...((await device.download(state.get(name)!)).data as Float32Array),
];

const ways: [string, Device][] = [
  ["with filled arrays", device],
  ["with plain fetches", { ...device, fillsArrays: false }],
];

describe.each(ways)("state %s", (_, on) => {
  it("replaces values, run after run", async () => {
    const fn = await compile(on, "step", { "new p": add(p, g), total: sum(g) }, { stores });
    const state = await stateOf({ p: Float32Array.of(1, 2, 3) });
    for (let i = 0; i < 3; i++) {
      const results = await fn.run({ g: Float32Array.of(1, 1, 1) }, state);
      // stored results are not handed out
      expect(Object.keys(results)).toEqual(["total"]);
    }
    expect(await read(state, "p")).toEqual([4, 5, 6]);
    await fn.release();
  });

  it("passes from one function to the next", async () => {
    const gradient = await compile(
      on,
      "gradient",
      { "new g": multiply(p, input("x", "float32", [])) },
      { stores: new Map([["new g", "g"]]) },
    );
    const update = await compile(on, "update", { "new p": add(p, multiply(g, -0.5)) }, { stores });
    const state = await stateOf({ p: Float32Array.of(2, 4, 8) });
    for (let i = 0; i < 2; i++) {
      await gradient.run({ x: Float32Array.of(1) }, state);
      await update.run({}, state);
    }
    expect(await read(state, "p")).toEqual([0.5, 1, 2]);
    await gradient.release();
    await update.release();
  });

  it("grows where a result has another size than what it replaces, and may stay as it was", async () => {
    const [n, s] = [namedDim("n"), namedDim("s")];
    const past = input("past", "float32", [n]);
    const next = input("next", "float32", [s]);
    const outputs = { "new past": concat([past, next], 0), before: sum(past, 0) };
    const fn = await compile(on, "cache", outputs, { stores: new Map([["new past", "past"]]) });
    const state = await stateOf({ past: new Float32Array(0) });
    for (const values of [[1], [2, 3], [], [4]]) {
      const dims = [values.length];
      const wanted = (await read(state, "past")).reduce((a, b) => a + b, 0);
      const { before } = await fn.run({ next: { data: Float32Array.from(values), dims } }, state);
      expect([...before!.data]).toEqual([wanted]);
    }
    expect(await read(state, "past")).toEqual([1, 2, 3, 4]);
    await fn.release();
  });

  it("never writes over what the same run still reads", async () => {
    const [n, m] = [namedDim("n"), namedDim("m")];
    const a = input("a", "float32", [n]);
    const b = input("b", "float32", [m]);
    // as long as a only by chance: no compiler could know
    const outputs = { "new a": multiply(b, 10), later: add(multiply(a, 2), sum(b)) };
    const fn = await compile(on, "chance", outputs, { stores: new Map([["new a", "a"]]) });
    const state = await stateOf({ a: Float32Array.of(1, 2) });
    const { later } = await fn.run({ b: { data: Float32Array.of(5, 6), dims: [2] } }, state);
    expect([...later!.data]).toEqual([13, 15]);
    expect(await read(state, "a")).toEqual([50, 60]);
    // a value of the state that is fed under another name
    const shift = await compile(
      on,
      "shift",
      { "new q": add(slice(g, 0, 0, 3), 1), g2: multiply(g, 2) },
      {
        stores: new Map([["new q", "q"]]),
      },
    );
    const other = await stateOf({ q: Float32Array.of(1, 2, 3) });
    const { g2 } = await shift.run({ g: other.get("q")! }, other);
    expect([...g2!.data]).toEqual([2, 4, 6]);
    expect(await read(other, "q")).toEqual([2, 3, 4]);
    await fn.release();
    await shift.release();
  });

  it("keeps the element type apart from the size", async () => {
    const ids = input("ids", "int32", [3]);
    const fn = await compile(
      on,
      "retype",
      { "new v": cast(ids, "float32") },
      {
        stores: new Map([["new v", "v"]]),
      },
    );
    const state = new DeviceState();
    state.set("v", await device.upload("int32", [3], Int32Array.of(7, 7, 7)));
    await fn.run({ ids: Int32Array.of(1, 2, 3) }, state);
    expect(state.get("v")!.dtype).toBe("float32");
    expect(await read(state, "v")).toEqual([1, 2, 3]);
    await fn.release();
  });
});

describe("state", () => {
  it("stays in the memory that was given, where it is updated in place", async () => {
    const memory = Float32Array.of(1, 2, 3);
    const state = await stateOf({ p: memory });
    const fn = await compile(device, "step", { "new p": multiply(p, 2) }, { stores });
    await fn.run({}, state);
    expect([...memory]).toEqual([2, 4, 6]);
    await fn.release();
  });

  it("is refused where a result would be written too early", async () => {
    const outputs = { "new p": multiply(p, 2), y: add(p, g) };
    await expect(compile(device, "early", outputs, { stores })).rejects.toThrow(
      "early: expected results that are written after the last reader of what they replace, " +
        "got unsafe in place: p",
    );
    const square = input("p", "float32", [3, 3]);
    const turned = { "new p": transpose(square, [1, 0]) };
    await expect(compile(device, "turn", turned, { stores })).rejects.toThrow("unsafe in place: p");
  });

  it("is needed by functions that store", async () => {
    const fn = await compile(device, "step", { "new p": add(p, g) }, { stores });
    await expect(fn.run({ p: new Float32Array(3), g: new Float32Array(3) })).rejects.toThrow(
      "step: expected a state to put p into, got none",
    );
    await fn.release();
  });

  it("names results that are to be stored but do not exist", async () => {
    await expect(compile(device, "step", { y: add(p, g) }, { stores })).rejects.toThrow(
      "step: expected one of the results y, got new p",
    );
  });

  it("disposes of values that are replaced, removed or left over, once each", () => {
    const state = new DeviceState();
    const disposed: string[] = [];
    const handle = (name: string) => ({ dispose: () => disposed.push(name) }) as unknown as Handle;
    const [a, b, c] = [handle("a"), handle("b"), handle("c")];
    state.set("x", a);
    state.set("x", a);
    state.set("x", b);
    state.set("y", c);
    expect(disposed).toEqual(["a"]);
    state.delete("x");
    expect(state.names()).toEqual(["y"]);
    state.dispose();
    expect(disposed).toEqual(["a", "b", "c"]);
    expect(state.get("y")).toBeUndefined();
  });
});
