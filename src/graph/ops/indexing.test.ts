import { beforeAll, describe, expect, it } from "vitest";
import { type Device, openDevice } from "../../runtime/device.ts";
import { compile } from "../../runtime/function.ts";
import { scatterAddRows } from "./indexing.ts";
import { input } from "./source.ts";

let device: Device;
beforeAll(async () => {
  device = await openDevice("cpu");
});

describe("scatterAddRows", () => {
  // where two threads add to one row, additions get lost now and then: seen in 1 of 100 runs
  it.each([
    { rows: 1024, width: 512, size: 3, name: "in blocks of columns" },
    { rows: 20_000, width: 20, size: 1, name: "with more rows than one block can take" },
    { rows: 100, width: 16, size: 5, name: "at once" },
  ])("adds every row, however often it comes, $name", async ({ rows, width, size }) => {
    const ids = Int32Array.from({ length: rows }, (_, i) => i % size);
    const updates = Float32Array.from({ length: rows * width }, (_, i) => i % width);
    const table = scatterAddRows(
      input("ids", "int32", [rows]),
      input("updates", "float32", [rows, width]),
      [size, width],
    );
    const fn = await compile(device, "scatter", { table });
    const expected = Float32Array.from(
      { length: size * width },
      (_, i) => Math.ceil((rows - Math.floor(i / width)) / size) * (i % width),
    );
    for (let run = 0; run < 100; run++) {
      expect((await fn.run({ ids, updates })).table!.data).toEqual(expected);
    }
    await fn.release();
  });
});
