import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Box,
  type Detection,
  genevalScore,
  type JudgedPicture,
  judgePrompt,
  type PromptSpec,
  relationsOf,
} from "./geneval.ts";

const box = (left: number, top: number, width = 10, height = width): Box => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
});

const found = (name: string, at: Box, { score = 0.95, color = "red" } = {}): Detection => ({
  class: name,
  color,
  score,
  box: at,
});

describe("relations of boxes", () => {
  it("are read from the middles, along an axis that has more than half of the way", () => {
    expect([...relationsOf(box(0, 0), box(50, 0))]).toEqual(["left of"]);
    expect([...relationsOf(box(50, 5), box(0, 0))]).toEqual(["right of"]);
    expect([...relationsOf(box(0, 0), box(5, 50))]).toEqual(["above"]);
    expect([...relationsOf(box(40, 40), box(0, 0))]).toEqual(["right of", "below"]);
  });

  it("are none where the middles are close for the sizes", () => {
    // a tenth of both sizes is 4
    expect(relationsOf(box(0, 0, 20), box(4, 0, 20)).size).toBe(0);
    expect(relationsOf(box(0, 0), box(0, 0)).size).toBe(0);
    // 5 of 9 left after 4 are taken off, of the original way
    expect([...relationsOf(box(9, 0, 20), box(0, 0, 20))]).toEqual(["right of"]);
    // 3.9 of 7.9
    expect(relationsOf(box(7.9, 0, 20), box(0, 0, 20)).size).toBe(0);
  });

  it("turn round when the boxes are swapped, and move with both", () => {
    const side = fc.integer({ min: 1, max: 40 });
    const place = fc.integer({ min: -60, max: 60 });
    const boxes = fc.tuple(place, place, side, side).map((given) => box(...given));
    const opposite = {
      "left of": "right of",
      "right of": "left of",
      above: "below",
      below: "above",
    } as const;
    fc.assert(
      fc.property(boxes, boxes, place, (a, b, shift) => {
        const one = relationsOf(a, b);
        const other = relationsOf(b, a);
        expect(new Set([...one].map((relation) => opposite[relation]))).toEqual(other);
        const moved = (given: Box) =>
          box(
            given.left + shift,
            given.top - shift,
            given.right - given.left,
            given.bottom - given.top,
          );
        expect(relationsOf(moved(a), moved(b))).toEqual(one);
      }),
    );
  });
});

describe("judging a prompt", () => {
  const counting: PromptSpec = {
    tag: "counting",
    prompt: "two discs",
    include: [{ class: "disc", count: 2 }],
    exclude: [{ class: "disc", count: 3 }],
  };
  const discs = (count: number, score = 0.95) =>
    Array.from({ length: count }, (_, i) => found("disc", box(20 * i, 0), { score }));

  it("counts sure objects only, neither more nor fewer", () => {
    expect([1, 2, 3].map((count) => judgePrompt(counting, discs(count)).right)).toEqual([
      false,
      true,
      false,
    ]);
    expect(judgePrompt(counting, [...discs(2), ...discs(2, 0.9)]).right).toBe(true);
    expect(judgePrompt(counting, discs(3)).reasons).toEqual([
      "expected fewer than 3 of disc, found 3",
    ]);
    expect(judgePrompt(counting, discs(2, 0.5)).reasons).toEqual(["expected 2 of disc, found 0"]);
    const thresholds = { score: 0.3, countingScore: 0.4, most: 16 };
    expect(judgePrompt(counting, discs(2, 0.5), thresholds).right).toBe(true);
  });

  it("looks at as many of the surest objects as the prompt asks for", () => {
    const red: PromptSpec = {
      tag: "colors",
      prompt: "a red disc",
      include: [{ class: "disc", count: 1, color: "red" }],
    };
    const blue = found("disc", box(0, 0), { color: "blue", score: 0.9 });
    const sure = found("disc", box(30, 0), { score: 0.95 });
    expect(judgePrompt(red, [blue, sure]).right).toBe(true);
    const unsure = found("disc", box(30, 0), { score: 0.85 });
    expect(judgePrompt(red, [blue, unsure]).reasons).toEqual([
      "expected 1 of disc in red, found blue",
    ]);
  });

  it("wants every pair of objects in its place", () => {
    const left: PromptSpec = {
      tag: "position",
      prompt: "a disc left of two squares",
      include: [
        { class: "square", count: 2 },
        { class: "disc", count: 1, position: ["left of", 0] },
      ],
    };
    const squares = (x: number) => [found("square", box(x, 0)), found("square", box(x + 25, 0))];
    const disc = found("disc", box(20, 0));
    expect(judgePrompt(left, [...squares(40), disc]).right).toBe(true);
    expect(judgePrompt(left, [...squares(5), disc]).reasons).toEqual([
      "expected disc left of square",
    ]);
    expect(judgePrompt(left, [disc]).reasons).toEqual([
      "expected 2 of square, found 0",
      "no target for disc to be left of",
    ]);
  });
});

describe("the score", () => {
  const picture = (tag: JudgedPicture["tag"], prompt: string, right: boolean) => ({
    tag,
    prompt,
    right,
  });

  it("is the mean of the tags, each the share of right pictures, whatever their numbers", () => {
    const { byTag, overall, promptsRight } = genevalScore([
      picture("colors", "a", true),
      picture("colors", "a", false),
      picture("colors", "b", false),
      picture("colors", "b", false),
      picture("counting", "c", true),
    ]);
    expect([...byTag]).toEqual([
      ["counting", { share: 1, pictures: 1 }],
      ["colors", { share: 1 / 4, pictures: 4 }],
    ]);
    expect(overall).toBe(5 / 8);
    expect(promptsRight).toBe(2 / 3);
  });
});
