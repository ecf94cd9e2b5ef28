import { describe, expect, it } from "vitest";
import { ConfigError } from "../errors.ts";
import { namedDim } from "../graph/dim.ts";
import type { TypedArray } from "../graph/dtype.ts";
import { multiply } from "../graph/ops/arithmetic.ts";
import { concat, reshape } from "../graph/ops/layout.ts";
import { sum } from "../graph/ops/reduce.ts";
import { input } from "../graph/ops/source.ts";
import { openDevice } from "./device.ts";
import { compile } from "./function.ts";
import { DeviceState } from "./handle.ts";
import { ResultRooms } from "./result-rooms.ts";

describe("rooms for results", () => {
  it("are one more than the chain has names, each large enough for the longest value", () => {
    const rooms = new ResultRooms();
    const chain = ["keys0", "keys1", "keys2"];
    rooms.reserve(chain, "float32", 8);
    const run = (count: number) => chain.map((name) => rooms.view(name, "float32", count)!);
    const [first, second, third] = [run(2), run(8), run(3)];
    expect([first, second, third].map((views) => views.map(({ length }) => length))).toEqual([
      [2, 2, 2],
      [8, 8, 8],
      [3, 3, 3],
    ]);
    const buffers = (views: readonly TypedArray[]) => views.map(({ buffer }) => buffer);
    expect(new Set([first, second, third].flatMap(buffers)).size).toBe(4);
    // where the one before it lay, which has been read; the first has the place that was free
    expect(buffers(second).slice(1)).toEqual(buffers(first).slice(0, 2));
    expect(buffers(third).slice(1)).toEqual(buffers(second).slice(0, 2));
    expect(buffers(third)[0]).toBe(buffers(first)[2]);
  });

  it("are not for other names, types or lengths", () => {
    const rooms = new ResultRooms();
    rooms.reserve(["keys"], "float32", 8);
    expect(rooms.view("values", "float32", 1)).toBeUndefined();
    expect(rooms.view("keys", "float16", 1)).toBeUndefined();
    expect(rooms.view("keys", "float32", 9)).toBeUndefined();
    rooms.reserve(["keys"], "float32", 9);
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
    rooms.reserve(["past"], "float32", 20);
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
    rooms.reserve(["past"], "float32", 7);
    const seen = await grown(rooms);
    expect(seen.map(({ values }) => values)).toEqual(
      (await grown(undefined)).map(({ values }) => values),
    );
  });
});

describe("values of two layers that grow", async () => {
  const device = await openDevice("cpu");
  const n = namedDim("n");
  /** Each layer reads all that its cache holds, and the second one what the first one gives. */
  const layers = (apart: boolean) => {
    const added = input("added", "float32", [1, 4]);
    const cache = (name: string) => input(name, "float32", [n, 4]);
    const first = concat([cache("keys0"), added], 0);
    const seen = apart ? added : multiply(reshape(sum(first, 0), [1, 4]), 0.5);
    const second = concat([cache("keys1"), seen], 0);
    return { first, second, result: sum(second, 0) };
  };
  const stores = new Map([
    ["first", "keys0"],
    ["second", "keys1"],
  ]);
  const chains = [["keys0", "keys1"]];

  async function drawn(rooms: ResultRooms | undefined, steps: Awaited<ReturnType<typeof compile>>) {
    const state = new DeviceState(rooms);
    for (const name of chains[0]!) {
      state.set(name, await device.upload("float32", [0, 4], new Float32Array(0)));
    }
    const seen: number[][] = [];
    for (let k = 0; k < 6; k++) {
      const added = Float32Array.from({ length: 4 }, (_, i) => k + i / 8);
      const { result } = await steps.run({ added }, state);
      seen.push([...(result!.data as Float32Array)]);
    }
    return seen;
  }

  it("have the same numbers in a chain's rooms as elsewhere, picture after picture", async () => {
    const step = await compile(device, "layers", layers(false), { stores, chains });
    const rooms = new ResultRooms();
    rooms.reserve(chains[0]!, "float32", 24);
    const plain = await drawn(undefined, step);
    expect(await drawn(rooms, step)).toEqual(plain);
    expect(await drawn(rooms, step)).toEqual(plain);
    await step.release();
  });

  it.each([
    { what: "that nothing puts one after the other", graph: layers(true), order: chains },
    {
      what: "in another order than that of results",
      graph: layers(false),
      order: [["keys1", "keys0"]],
    },
    { what: "that are not all stored", graph: layers(false), order: [["keys0", "keys9"]] },
  ])("are no chain $what", async ({ graph, order }) => {
    await expect(compile(device, "layers", graph, { stores, chains: order })).rejects.toThrow(
      ConfigError,
    );
  });
});
