import { describe, expect, it } from "vitest";
import { openPeer } from "./peer.ts";

const cpu = { name: "cpu", precision: "fp32" } as const;
const conv = { script: "conv_step.py" };

describe("openPeer", () => {
  it("is null without the script, without Python, and without PyTorch", async () => {
    expect(await openPeer(cpu, { script: "none.py" })).toBeNull();
    expect(await openPeer(cpu, conv, ["no-such-python"])).toBeNull();
    // a Python that ends at once, as one does that cannot import torch
    expect(await openPeer(cpu, conv, ["false"])).toBeNull();
  });

  it("takes one step for each turn, and ends", async () => {
    // answers each line with one, like the script
    const peer = await openPeer(cpu, conv, ["no-such-python", "test/bench/echo-peer"]);
    expect(peer!.name).toBe("torch 0, 1 threads");
    await peer!.run();
    await peer!.run();
    await peer!.close();
  });

  it("says so when it ends in the middle", async () => {
    const peer = await openPeer(cpu, conv, ["test/bench/ending-peer"]);
    await expect(peer!.run()).rejects.toThrow("conv_step.py: expected a step, got its end");
    await peer!.close();
  });
});
