import { describe, expect, it } from "vitest";
import { runCaptured } from "../captured.ts";

describe("ordo plan", () => {
  it("tells of a preset what its weights, its cache and a picture take", async () => {
    const { stdout } = await runCaptured(["plan", "d16", "--json"]);
    const planned = JSON.parse(stdout) as { peakBytes: number; availableBytes: number };
    expect(planned).toMatchObject({
      model: "var d16-256",
      weights: "fp32",
      parameters: { transformer: 310_283_520, tokenizer: 108_948_355 },
      weightBytes: { fp32: 1_676_927_500 },
      fits: planned.peakBytes <= planned.availableBytes,
    });
  });

  it("reads the sizes of a model folder, in words", async () => {
    const { code, stdout } = await runCaptured(["plan", "emoji-var", "--weights", "int4"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^emoji-var, int4\nparameters .*transformer/);
    expect(stdout).toMatch(/peak +about \d+\.\d MB[\s\S]*it fits/);
  });

  it("names what there is for a name that is nothing", async () => {
    const { code, stderr } = await runCaptured(["plan", "d17"]);
    expect(code).toBe(2);
    expect(stderr).toContain("emoji-var");
  });
});
