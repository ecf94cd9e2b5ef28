import { describe, expect, it } from "vitest";
import { type Device, openDevice } from "./device.ts";
import type { NodeDeviceName } from "./device-names.ts";
import { openFastest } from "./fastest-device.ts";
import { type SelfTest, selfTest } from "./self-test.ts";

describe("the self-test", () => {
  it("finds the CPU right, and measures it", async () => {
    const device = await openDevice("cpu", { threads: 1 });
    const { right, error, gflops } = await selfTest(device, { budgetMs: 50 });
    expect(right).toBe(true);
    expect(error).toBeLessThan(1e-6);
    expect(gflops).toBeGreaterThan(0.1);
  });

  it("ends early on a slow device: a square of twice the side would outlast its time", async () => {
    const device = await openDevice("cpu", { threads: 1 });
    let now = 0;
    const runs: number[] = [];
    const clock = () => {
      runs.push(now);
      now += 100;
      return now;
    };
    const { gflops } = await selfTest(device, { budgetMs: 1000, clock });
    // one side only: its start, three runs, and the look at the time
    expect(runs).toHaveLength(8);
    expect(gflops).toBeCloseTo((2 * 128 ** 3) / 100 / 1e6);
  });
});

describe("the fastest device", () => {
  const choose = async (found: Partial<Record<NodeDeviceName, SelfTest>>) => {
    const closed: string[] = [];
    const open = async (name: NodeDeviceName) => {
      if (!found[name]) throw new Error("not there");
      return { name, close: async () => closed.push(name) } as unknown as Device;
    };
    const test = async ({ name }: Device) => found[name as NodeDeviceName]!;
    const { name } = await openFastest(open, test);
    return { name, closed };
  };
  const rated = (gflops: number, right = true): SelfTest => ({ error: 0, right, gflops });

  it("is the one with the best rate; the others are closed", async () => {
    expect(await choose({ cpu: rated(100), webgpu: rated(900) })).toEqual({
      name: "webgpu",
      closed: ["cpu"],
    });
    expect(await choose({ cpu: rated(100), webgpu: rated(900), cuda: rated(990) })).toEqual({
      name: "cuda",
      closed: ["webgpu", "cpu"],
    });
  });

  it("is the CPU where a GPU is slower, wrong, or not there", async () => {
    expect((await choose({ cpu: rated(100), webgpu: rated(0.3) })).name).toBe("cpu");
    expect((await choose({ cpu: rated(100), webgpu: rated(900, false) })).name).toBe("cpu");
    expect(await choose({ cpu: rated(100) })).toEqual({ name: "cpu", closed: [] });
  });
});
