import { describe, expect, it } from "vitest";
import { writeModel } from "../graph/onnx/writer.ts";
import { lookup } from "../graph/ops/indexing.ts";
import { input } from "../graph/ops/source.ts";
import { square } from "../graph/ops/unary.ts";
import { openDevice } from "./device.ts";
import { compile } from "./function.ts";
import { createSession } from "./session.ts";
import { runInto, STOP_OUTPUT, stopOutputWorks } from "./stop-output.ts";

const device = await openDevice("cpu");
const table = input("table", "float32", [3, 2]);
const ids = input("ids", "int32", [2]);

describe("the stop output", () => {
  it("works with this build of the engine, so that the CPU fills given arrays", async () => {
    expect(await stopOutputWorks(device.engine)).toBe(true);
    expect(device.fillsArrays).toBe(true);
  });

  it("fills the arrays that were given", async () => {
    const x = input("x", "float32", [3]);
    const outputs = new Map([["y", square(x)]]);
    const model = { name: "fill", outputs, target: "cpu", stopOutput: STOP_OUTPUT } as const;
    const session = await createSession(device.engine, "cpu", writeModel(model).bytes, ["y"]);
    const { Tensor } = device.engine;
    const y = new Float32Array(3);
    const feeds = { x: new Tensor("float32", Float32Array.of(1, 2, 3), [3]) };
    await runInto(session, feeds, { y: new Tensor("float32", y, [3]) });
    expect([...y]).toEqual([1, 4, 9]);
    await session.release();
  });

  it("complains about a session that has none", async () => {
    const x = input("x", "float32", [1]);
    const outputs = new Map([["y", square(x)]]);
    const { bytes } = writeModel({ name: "none", outputs, target: "cpu" });
    const session = await createSession(device.engine, "cpu", bytes, ["y"]);
    const { Tensor } = device.engine;
    const one = () => new Tensor("float32", new Float32Array(1), [1]);
    await expect(runInto(session, { x: one() }, { y: one() })).rejects.toThrow(
      "the stop output did not stop the binding",
    );
    await session.release();
  });

  it("lets the engine's real errors through with their own text", async () => {
    const fn = await compile(device, "embed", { rows: lookup(table, ids) });
    const feeds = { table: new Float32Array(6), ids: Int32Array.of(0, 7) };
    await expect(fn.run(feeds)).rejects.toThrow(
      /^cpu while running embed: expected the engine to succeed, got .*indices element out of data bounds, idx=7/,
    );
    await expect(fn.run(feeds)).rejects.toMatchObject({ code: "device" });
    // and works again afterwards
    await fn.run({ ...feeds, ids: Int32Array.of(0, 2) });
    await fn.release();
  });
});
