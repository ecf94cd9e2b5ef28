import { afterAll, describe, expect, it } from "vitest";
import { namedDim } from "../graph/dim.ts";
import { writeModel } from "../graph/onnx/writer.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { type Device, openDevice } from "./device.ts";
import { loadEngine } from "./engine.ts";
import { compile } from "./function.ts";
import { DeviceState } from "./handle.ts";
import { engineOptions } from "./session.ts";
import { startSession } from "./session-thread.ts";

const device = await openDevice("cpu");
afterAll(() => device.close());

/** More than is prepared in the caller's thread. */
const LARGE = 17 * 1024 * 1024;

/** The CPU, counting the sessions that got a thread. */
function counting(): { device: Device; started: () => number } {
  let started = 0;
  const startOne: Device["startSession"] = (...given) => {
    started++;
    return device.startSession!(...given);
  };
  return { device: { ...device, startSession: startOne }, started: () => started };
}

describe("functions that may have a thread of their own", () => {
  const weights = new Float32Array(LARGE).map((_, i) => i % 7);
  const constants = new Map([["w", weights]]);
  const large = () => add(parameter("w", [LARGE]), input("one", "float32", [1]));

  it("get one where their weights are large, and give the same numbers there", async () => {
    const { device: cpu, started } = counting();
    const here = await compile(cpu, "here", { y: large() }, { constants });
    const apart = await compile(cpu, "apart", { y: large() }, { constants, ownThread: true });
    expect(started()).toBe(1);
    const state = new DeviceState();
    state.set("one", await cpu.upload("float32", [1], Float32Array.of(0.5)));
    const [expected, got] = [await here.run({}, state), await apart.run({}, state)];
    expect(got.y!.dims).toEqual([LARGE]);
    expect(Buffer.compare(bytes(got.y!.data), bytes(expected.y!.data))).toBe(0);
    // values that were sent are still there
    expect((await apart.run({}, state)).y!.data[1]).toBe(1.5);
    await here.release();
    await apart.release();
  });

  it("have none where weights are small, or something is stored", async () => {
    const { device: cpu, started } = counting();
    const small = await compile(
      cpu,
      "small",
      { y: add(input("x", "float32", [2]), 1) },
      { ownThread: true },
    );
    const stores = new Map([["y", "y"]]);
    const stored = await compile(
      cpu,
      "stored",
      { y: large() },
      { constants, stores, ownThread: true },
    );
    expect(started()).toBe(0);
    await small.release();
    await stored.release();
  });
});

const bytes = ({ buffer }: { readonly buffer: ArrayBufferLike }) => new Uint8Array(buffer);

describe("a session in its own thread", () => {
  const x = input("x", "float32", [namedDim("n")]);
  const model = () =>
    writeModel({
      name: "f",
      outputs: new Map([
        ["double", multiply(x, 2)],
        ["more", add(x, 1)],
      ]),
      target: "cpu",
    }).bytes;
  const options = engineOptions("cpu", ["double"], {});

  it("computes the results that were asked for, in the order of the questions", async () => {
    const engine = await loadEngine();
    const session = startSession(engine, { model: model(), options, results: ["double"] });
    const values = [1, 2, 3].map((value) => new engine.Tensor("float32", [value, 10], [2]));
    const answers = await Promise.all(values.map((tensor) => session.run({ x: tensor })));
    expect(answers.map(({ double }) => [...(double!.data as Float32Array)])).toEqual([
      [2, 20],
      [4, 20],
      [6, 20],
    ]);
    expect(Object.keys(answers[0]!)).toEqual(["double"]);
    await session.release();
    await expect(session.run({ x: values[0]! })).rejects.toThrow("its thread has ended");
  });

  it("tells of a broken model in the first run, and can be released without one", async () => {
    const engine = await loadEngine();
    const task = () => ({ model: Uint8Array.of(1, 2, 3), options, results: ["double"] });
    const session = startSession(engine, task());
    const x = new engine.Tensor("float32", [1], [1]);
    await expect(session.run({ x })).rejects.toThrow("cpu while compiling");
    await session.release();
    await startSession(engine, task()).release();
    await startSession(engine, { model: model(), options, results: ["double"] }).release();
  });

  it("goes on after a run that failed", async () => {
    const engine = await loadEngine();
    const session = startSession(engine, { model: model(), options, results: ["double"] });
    const wrong = new engine.Tensor("int32", Int32Array.of(1), [1]);
    await expect(session.run({ x: wrong })).rejects.toThrow("Unexpected input data type");
    const right = new engine.Tensor("float32", [4], [1]);
    expect([...((await session.run({ x: right })).double!.data as Float32Array)]).toEqual([8]);
    await session.release();
  });
});
