import { describe, expect, it } from "vitest";
import { smallVar } from "../../recipes/small-var.ts";
import { constantRate } from "../../training/schedules.ts";
import { previewWords, skippedWords, stepNote, stretchedWords } from "./train-progress.ts";

describe("progress of a training", () => {
  it("shows loss, rate, memory and what the recipe reports", () => {
    const numbers = { loss: 3.2141, scale1: 2.104, scale2: 2.96 };
    expect(stepNote({ loss: 3.2141, numbers }, 11.23, 0.81 * 2 ** 30)).toBe(
      "loss 3.214 · 11 pictures/s · 0.8 GB · maps 2.1 3.0",
    );
    expect(stepNote({ loss: 0.5, numbers: { loss: 0.5, psnr: 21.337 } }, 8, 2 ** 30)).toBe(
      "loss 0.500 · 8.0 pictures/s · 1.0 GB · psnr 21.3",
    );
    expect(previewWords({ step: 250, loss: 3.2141, numbers }, "runs/x")).toBe(
      "step 250: loss 3.214, maps 2.10 2.96; see runs/x/preview-250.png",
    );
  });

  it("says what another number of steps does to the schedule", () => {
    const { plan } = smallVar;
    expect(stretchedWords(plan, plan)).toEqual([]);
    expect(stretchedWords(plan, { ...plan, steps: 4000 })).toEqual([
      "4000 steps instead of 2000: the fall of the learning rate stretches over them, " +
        "the warm-up is the same share of them",
    ]);
    const schedule = constantRate({ warmup: { steps: 50 } });
    expect(stretchedWords(plan, { ...plan, steps: 100, schedule })).toEqual([
      "100 steps instead of 2000: the warm-up takes 50 as before",
    ]);
  });

  it("names the first files that cannot be used", () => {
    const skipped = ["a", "b", "c", "d", "e"].map((file) => ({ file, reason: "a text (x)" }));
    expect(skippedWords(skipped)).toBe(
      "5 files cannot be used: a (a text), b (a text), c (a text), and 2 more",
    );
    expect(skippedWords(skipped.slice(0, 1))).toBe("1 file cannot be used: a (a text)");
  });
});
