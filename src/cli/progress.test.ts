import { describe, expect, it } from "vitest";
import { TextSink } from "./captured.ts";
import { duration, progressBar, progressLines } from "./progress.ts";

describe("progressLines", () => {
  it("writes after two seconds, then every fifteen, and at the end", () => {
    let clock = 0;
    const lines: string[] = [];
    const progress = progressLines(
      { label: "training", total: 100, unit: "steps" },
      (line) => lines.push(line),
      () => clock,
    );
    for (let step = 1; step <= 100; step++) {
      clock += 250;
      progress.update(step, "loss 3.21");
    }
    expect(lines).toEqual([
      "training 8/100 steps · loss 3.21 · 23 s left",
      "training 68/100 steps · loss 3.21 · 8 s left",
      "training 100/100 steps · loss 3.21",
    ]);
  });

  it("measures the rate of a resumed task from where it resumed", () => {
    let clock = 0;
    const lines: string[] = [];
    const options = { label: "training", total: 100, from: 90 };
    const progress = progressLines(
      options,
      (line) => lines.push(line),
      () => clock,
    );
    clock = 5_000;
    progress.update(95);
    expect(lines).toEqual(["training 95/100 · 5 s left"]);
  });
});

describe("progressBar", () => {
  it("draws label, count and note on one line of the terminal's width", () => {
    const stream = new TextSink();
    stream.isTTY = true;
    const bar = progressBar({ label: "sampling", total: 4, unit: "pictures" }, stream);
    bar.update(2, "scale 3");
    bar.stop();
    expect(stream.text).toContain("sampling");
    expect(stream.text).toMatch(/2\/4 pictures · .* left · scale 3/);
  });
});

describe("duration", () => {
  it("uses the unit that fits", () => {
    expect([4_000, 180_000, 7_500_000].map(duration)).toEqual(["4 s", "3 min", "2 h 05 min"]);
  });
});
