import { describe, expect, it } from "vitest";
import { scenes, setOf } from "../../test/eval/fixtures.ts";
import type { TextImageNetwork } from "../features/text-image-network.ts";
import { featuresOf } from "../metrics/features.ts";
import { chosenPictures, type PictureSet } from "./picture-set.ts";
import { picturesWithTexts, textMetricSettings, textMetrics } from "./text-metrics.ts";

/** Every picture is embedded as (1, 0), and a text as the angle that its last word gives in degrees. */
function angles(): TextImageNetwork & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: "clip-angles-00000000",
    preprocessing: "none",
    images: async (pictures) => featuresOf(Float32Array.from(pictures.flatMap(() => [1, 0])), 2),
    texts: async (texts) => {
      asked.push(...texts);
      const radians = texts.map((text) => (Number(text.split(" ").at(-1)) * Math.PI) / 180);
      return featuresOf(Float32Array.from(radians.flatMap((r) => [Math.cos(r), Math.sin(r)])), 2);
    },
    close: async () => {},
    asked,
  };
}

function setWith(texts: readonly (string | undefined)[]): PictureSet {
  const examples = texts.map((text, i) => ({
    file: `${i}.png`,
    fields: {},
    ...(text !== undefined && { text }),
  }));
  return { ...setOf(scenes("texts", texts.length)), examples };
}

describe("scores of pictures against their texts", () => {
  it("are the two of the literature: 2.5 · max(cosine, 0) behind a prefix, and 100 · cosine", async () => {
    const network = angles();
    const set = setWith(["turn 0", "turn 60", "turn 180"]);
    const done: number[] = [];
    const options = { network, batch: 2, seed: 1, onProgress: (n: number) => done.push(n) };
    const [score, cosine] = await textMetrics(set, options);
    expect(score).toMatchObject({
      name: "CLIPScore[clip-angles-00000000]",
      better: "higher",
      count: 3,
      note: 'mean of 2.5 · max(cosine, 0) over the pictures, texts behind "A photo depicts "',
    });
    expect(score!.value).toBeCloseTo((2.5 * (1 + 0.5 + 0)) / 3, 5);
    expect(cosine!.name).toBe("CLIP cosine x100[clip-angles-00000000]");
    expect(cosine!.value).toBeCloseTo((100 * (1 + 0.5 - 1)) / 3, 4);
    expect(cosine!.interval!.low).toBeLessThan(cosine!.value!);
    expect(network.asked).toContain("A photo depicts turn 60");
    expect(network.asked).toContain("turn 60");
    expect(done).toEqual([2, 3]);
  });

  it("leave out pictures without words, and stay with their texts in a chosen part", async () => {
    const set = setWith(["turn 0", undefined, "000002", "turn 90", " ", "turn 180"]);
    expect(picturesWithTexts(set)).toEqual([0, 3, 5]);
    const chosen = chosenPictures(set, 4, 3);
    const angleOf = (text: string | undefined) => Number(/turn (\d+)/.exec(text ?? "")?.[1]);
    const kept = chosen.examples!.map(({ text }) => angleOf(text)).filter(Number.isFinite);
    const [, cosine] = await textMetrics(chosen, { network: angles(), batch: 64, seed: 1 });
    const wanted = kept.map((angle) => 100 * Math.cos((angle * Math.PI) / 180));
    expect(cosine!.count).toBe(kept.length);
    expect(cosine!.value).toBeCloseTo(wanted.reduce((a, b) => a + b, 0) / kept.length, 4);
  });

  it("are unavailable where no picture has a text", async () => {
    for (const set of [setOf(scenes("texts", 3)), setWith(["1", "2"])]) {
      const metrics = await textMetrics(set, { network: angles(), batch: 2, seed: 1 });
      expect(metrics.map(({ value, unavailable }) => [value, unavailable])).toEqual([
        [null, "needs pictures with texts"],
        [null, "needs pictures with texts"],
      ]);
    }
  });

  it("state network, factor and prefix among the settings", () => {
    expect(textMetricSettings(angles())).toMatchObject({
      "CLIP network": "clip-angles-00000000",
      "CLIPScore: factor": 2.5,
      "CLIPScore: before each text": '"A photo depicts "',
      "CLIP cosine x100: factor": 100,
      "CLIP cosine x100: before each text": '""',
    });
  });
});
