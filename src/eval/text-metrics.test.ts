import { describe, expect, it } from "vitest";
import { scenes, setOf } from "../../test/eval/fixtures.ts";
import type { TextImageNetwork } from "../features/text-image-network.ts";
import { featuresOf } from "../metrics/features.ts";
import { picturesWithTexts, textMetrics } from "./text-metrics.ts";

/** Pictures point along the first axis; texts with "right" too, all others along the second. */
const network: TextImageNetwork = {
  name: "clip-fake",
  preprocessing: "none",
  images: async (pictures) => featuresOf(Float32Array.from(pictures.flatMap(() => [1, 0])), 2),
  texts: async (texts) =>
    featuresOf(
      Float32Array.from(texts.flatMap((text) => (text.includes("right") ? [1, 0] : [0, 1]))),
      2,
    ),
  close: async () => undefined,
};

const options = { network, batch: 2, seed: 1 };

describe("textMetrics", () => {
  it("are means over the pictures that have texts, under the network's name", async () => {
    const pictures = scenes("texts", 4);
    const texts = ["right", "wrong", " ", "right"];
    const set = {
      ...setOf(pictures),
      examples: texts.map((text, i) => ({ file: `${i}.png`, text, fields: {} })),
    };
    expect(picturesWithTexts(set)).toEqual([0, 1, 3]);
    const [score, cosine] = await textMetrics(set, options);
    expect(score).toMatchObject({ name: "CLIPScore[clip-fake]", count: 3 });
    // 2.5 for those that fit
    expect(score!.value).toBeCloseTo((2.5 * 2) / 3, 6);
    expect(cosine!.value).toBeCloseTo(200 / 3, 5);
  });

  it("say that they need texts", async () => {
    const [score] = await textMetrics(setOf(scenes("none", 2)), options);
    expect(JSON.stringify(score)).toContain("needs pictures with texts");
  });
});
