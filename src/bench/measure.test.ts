import { describe, expect, it } from "vitest";
import { interleave, timing } from "./measure.ts";

describe("timing", () => {
  it("has the best and the middle time, and keeps the order", () => {
    expect(timing([5, 1, 3])).toEqual({ best: 1, median: 3, times: [5, 1, 3] });
    expect(timing([4, 1, 3, 2])).toMatchObject({ best: 1, median: 2.5 });
    expect(() => timing([])).toThrow("timing: expected at least one time, got none");
  });
});

describe("interleave", () => {
  it("runs the workloads in turns and leaves out the first rounds", async () => {
    let now = 0;
    const order: string[] = [];
    const takes = (name: string, ms: number) => async () => {
      order.push(name);
      now += order.length <= 2 ? 100 : ms;
    };
    const timings = await interleave(
      { a: takes("a", 2), b: takes("b", 7) },
      { repeat: 2, warmUp: 1, clock: () => now },
    );
    expect(order.join("")).toBe("ababab");
    expect(timings).toEqual({ a: timing([2, 2]), b: timing([7, 7]) });
  });

  it("stops between two runs when it is told to", async () => {
    const controller = new AbortController();
    const run = async () => controller.abort(new Error("enough"));
    const { signal } = controller;
    await expect(interleave({ run }, { repeat: 5, signal })).rejects.toThrow("enough");
  });

  it("says which rounds are done", async () => {
    const rounds: number[] = [];
    const onRound = (round: number) => rounds.push(round);
    await interleave({ run: async () => {} }, { repeat: 3, warmUp: 2, onRound });
    expect(rounds).toEqual([0, 1, 2]);
  });
});
