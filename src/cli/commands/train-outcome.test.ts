import { expect, test } from "vitest";
import { cifarClassifier } from "../../recipes/cifar-classifier.ts";
import { finishedWords } from "./train-outcome.ts";

test("a trained classifier is offered for measuring", () => {
  const asked = {
    recipe: "x",
    data: "x.zip",
    out: "my runs/x",
    checkpointMinutes: 3,
    device: "cpu",
    precision: "fp32",
  };
  const numbers = { loss: 0.61234, accuracy: 0.9, testAccuracy: 0.885 };
  const result = { step: 9000, finished: true, numbers, pictures: 1, parameters: 1, skipped: [] };
  const { next, text } = finishedWords(cifarClassifier, asked, { ...result, example: "" });
  expect(next).toBe('ordo eval samples PICTURES --reference OTHERS --features "my runs/x/model"');
  expect(text).toContain("9000 steps: loss 0.612, accuracy 0.900, testAccuracy 0.885");
});
