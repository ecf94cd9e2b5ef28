import { describe, expect, it } from "vitest";
import { namedDim } from "../graph/dim.ts";
import type { TypedArray } from "../graph/dtype.ts";
import { concat } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { openDevice } from "./device.ts";
import { compile } from "./function.ts";
import { DeviceState } from "./handle.ts";
import { ResultRooms } from "./result-rooms.ts";

describe("rooms for results", () => {
  it("are two places that take turns, each large enough for the longest value", () => {
    const rooms = new ResultRooms();
    rooms.reserve("keys", "float32", 8);
    const first = rooms.view("keys", "float32", 2)!;
    const second = rooms.view("keys", "float32", 8, first.buffer)!;
    const third = rooms.view("keys", "float32", 3, second.buffer)!;
    expect([first.length, second.length, third.length]).toEqual([2, 8, 3]);
    expect(second.buffer).not.toBe(first.buffer);
    expect(third.buffer).toBe(first.buffer);
  });

  it("are not for other names, types or lengths", () => {
    const rooms = new ResultRooms();
    rooms.reserve("keys", "float32", 8);
    expect(rooms.view("values", "float32", 1)).toBeUndefined();
    expect(rooms.view("keys", "float16", 1)).toBeUndefined();
    expect(rooms.view("keys", "float32", 9)).toBeUndefined();
    rooms.reserve("keys", "float32", 9);
    expect(rooms.view("keys", "float32", 9)).toHaveLength(9);
  });
});

describe("a value that grows", async () => {
  const device = await openDevice("cpu");
  const past = input("past", "float32", [namedDim("p"), 2]);
  const next = input("next", "float32", [namedDim("s"), 2]);
  const grow = await compile(
    device,
    "grow",
    { all: concat([past, next], 0) },
    { stores: new Map([["all", "past"]]) },
  );

  /** The numbers of every length, and where they lay. */
  async function grown(rooms: ResultRooms | undefined) {
    const state = new DeviceState(rooms);
    state.set("past", await device.upload("float32", [0, 2], new Float32Array(0)));
    const seen: { values: number[]; buffer: ArrayBufferLike }[] = [];
    for (let k = 1; k <= 4; k++) {
      const data = Float32Array.from({ length: 2 * k }, (_, i) => 10 * k + i);
      await grow.run({ next: { data, dims: [k, 2] } }, state);
      const { tensor } = state.get("past")!;
      const { buffer } = tensor.data as TypedArray;
      seen.push({ values: [...(tensor.data as Float32Array)], buffer });
    }
    return seen;
  }

  it("has the same numbers in its rooms as elsewhere, and stays in them", async () => {
    const rooms = new ResultRooms();
    rooms.reserve("past", "float32", 20);
    const plain = await grown(undefined);
    const first = await grown(rooms);
    const again = await grown(rooms);
    const values = (seen: typeof plain) => seen.map((one) => one.values);
    expect(values(first)).toEqual(values(plain));
    expect(values(again)).toEqual(values(plain));
    expect(new Set([...first, ...again].map(({ buffer }) => buffer)).size).toBe(2);
    expect(new Set(plain.map(({ buffer }) => buffer)).size).toBe(4);
  });

  it("takes new memory where it outgrows its rooms", async () => {
    const rooms = new ResultRooms();
    rooms.reserve("past", "float32", 7);
    const seen = await grown(rooms);
    expect(seen.map(({ values }) => values)).toEqual(
      (await grown(undefined)).map(({ values }) => values),
    );
  });
});
