import { describe, expect, it } from "vitest";
import { setOf } from "../../test/eval/fixtures.ts";
import { drawPromptedScene, everyScenePrompt } from "../procedural/prompted-scenes.ts";
import { random } from "../random/random.ts";
import type { PictureSet } from "./picture-set.ts";
import { measureScenes } from "./scene-eval.ts";

const specs = new Map(everyScenePrompt().map((spec) => [spec.prompt, spec]));

/** Pictures of what is drawn, under the words of what was asked for. */
function drawn(pairs: readonly (readonly [asked: string, shown: string])[]): PictureSet {
  const pictures = pairs.map(([, shown], i) =>
    drawPromptedScene(specs.get(shown)!, 64, random("drawn", i)),
  );
  const examples = pairs.map(([text], i) => ({ file: `${i}`, text, fields: {} }));
  return { ...setOf(pictures), examples };
}

const same = (prompt: string) => [prompt, prompt] as const;

describe("pictures of prompted scenes", () => {
  it("score the mean over kinds of the share that shows its prompt", async () => {
    const set = drawn([
      same("a red disc"),
      ["a red disc", "a blue disc"],
      ["a red disc", "a red square"],
      ["a blue star", "a star"],
      same("two bars"),
      ["two bars", "three bars"],
      same("a disc and a ring"),
    ]);
    const { metrics, judged, leftOut } = await measureScenes(set, { seed: 1 });
    const value = (id: string) => metrics.find((metric) => metric.id === id)!.value;
    expect(judged.map(({ right }) => right)).toEqual([
      true,
      false,
      false,
      judged[3]!.right,
      true,
      false,
      true,
    ]);
    const colours = (1 + Number(judged[3]!.right)) / 4;
    expect(value("scene-colors")).toBe(colours);
    expect(value("scene-counting")).toBe(1 / 2);
    expect(value("scene-two_object")).toBe(1);
    expect(value("scene-eval")).toBeCloseTo((colours + 1 / 2 + 1) / 3, 12);
    expect(judged[1]!.reasons).toEqual(["expected 1 of disc in red, found blue"]);
    expect(leftOut).toBe(0);
    const [overall] = metrics;
    expect(overall!.name).toBe("SceneEval[shapes-by-rule-1]");
    expect(overall!.floor!.value).toBe(1);
    expect(overall!.interval!.low).toBeLessThanOrEqual(overall!.value!);
    expect(overall!.interval!.high).toBeGreaterThanOrEqual(overall!.value!);
  });

  it("falls with the share of pictures that show something else", async () => {
    const prompts = ["a red disc", "two bars", "a star", "a ring and a bar", "a cyan cross"];
    const value = async (wrong: number) => {
      const pairs = prompts.map((asked, i) => [asked, i < wrong ? "a pink ring" : asked] as const);
      const { metrics } = await measureScenes(drawn(pairs), { seed: 1 });
      return metrics[0]!.value!;
    };
    const values = [await value(0), await value(2), await value(5)];
    expect(values[0]).toBe(1);
    expect(values[1]!).toBeLessThan(1);
    expect(values[2]).toBe(0);
  });

  it("leaves out pictures of other words, and refuses a set without any prompt", async () => {
    const set = drawn([same("a red disc"), same("a star")]);
    const examples = [set.examples![0]!, { file: "1", text: "a photo of a cat", fields: {} }];
    expect(await measureScenes({ ...set, examples }, { seed: 1 })).toMatchObject({
      leftOut: 1,
      judged: [{ index: 0 }],
    });
    await expect(measureScenes({ ...set, examples: null }, { seed: 1 })).rejects.toThrow(
      'pictures: expected pictures whose texts are prompts of scenes, such as "a red disc", got 2 without one. `ordo scenes` writes',
    );
  });
});
