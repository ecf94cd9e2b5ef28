import { describe, expect, it } from "vitest";
import { runCaptured } from "../captured.ts";

describe("ordo bench", () => {
  it("lists its targets", async () => {
    const { code, stdout } = await runCaptured(["bench"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/train-step .*transformer[\s\S]*var-sample .*picture[\s\S]*conv-step /);
  });

  it("puts the time of a picture beside the matrix rate of the same run", async () => {
    const { stdout } = await runCaptured(["bench", "var-sample", "--repeat", "1", "--json"]);
    const report = JSON.parse(stdout) as {
      flop: number;
      ratio: number;
      productRatio: number;
      run: { best: number };
      facts: { tokens: number; passes: number };
    };
    expect(report.facts).toMatchObject({ tokens: 130, passes: 6 });
    expect(report.run.best).toBeGreaterThan(0);
    // neither may be faster than the machine's best product, but for noise
    expect(report.ratio).toBeLessThan(1.2);
    expect(report.productRatio).toBeGreaterThan(report.ratio);
    expect(report.productRatio).toBeLessThan(1.5);
  });

  it("names the near target when one is misspelled", async () => {
    const { code, stderr } = await runCaptured(["bench", "train-stp"]);
    expect(code).toBe(2);
    expect(stderr).toContain("ordo bench train-step");
  });
});
