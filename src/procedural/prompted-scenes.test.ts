import { describe, expect, it } from "vitest";
import { judgePrompt, promptTags } from "../metrics/geneval.ts";
import { random } from "../random/random.ts";
import { findShapes, shapeThresholds } from "./find-shapes.ts";
import {
  drawPromptedScene,
  everyScenePrompt,
  placedShapes,
  scenePromptSource,
  scenePrompts,
} from "./prompted-scenes.ts";

const prompts = scenePrompts();
const named = (prompt: string) => everyScenePrompt().find((spec) => spec.prompt === prompt)!;

describe("the prompts of scenes", () => {
  it("are of GenEval's six kinds, none twice", () => {
    const counts = promptTags.map((tag) => prompts.filter((spec) => spec.tag === tag).length);
    expect(counts).toEqual([7, 21, 21, 56, 100, 100]);
    const all = everyScenePrompt().map(({ prompt }) => prompt);
    expect(new Set(all).size).toBe(all.length);
    for (const { prompt } of prompts) expect(all).toContain(prompt);
  });

  it("say in words what their clauses promise", () => {
    expect(named("an orange star")).toEqual({
      tag: "colors",
      prompt: "an orange star",
      include: [{ class: "star", count: 1, color: "orange" }],
    });
    expect(named("three crosses")).toEqual({
      tag: "counting",
      prompt: "three crosses",
      include: [{ class: "cross", count: 3 }],
      exclude: [{ class: "cross", count: 4 }],
    });
    expect(named("a disc below a ring").include).toEqual([
      { class: "ring", count: 1 },
      { class: "disc", count: 1, position: ["below", 0] },
    ]);
  });

  it("are drawn from with each kind as likely", () => {
    const source = scenePromptSource();
    const tags = Array.from({ length: 600 }, (_, i) => source(random("source", i)).tag);
    for (const tag of promptTags) {
      const count = tags.filter((one) => one === tag).length;
      // 100 expected, deviation 9
      expect(Math.abs(count - 100)).toBeLessThan(40);
    }
  });
});

describe("scenes of prompts", () => {
  it("repeat themselves for the same draws, and differ for others", () => {
    const draw = (seed: number) => drawPromptedScene(prompts[0]!, 48, random("repeat", seed)).data;
    expect(Buffer.compare(draw(1), draw(1))).toBe(0);
    expect(Buffer.compare(draw(1), draw(2))).not.toBe(0);
  });

  it("hold the shapes that are asked for, wholly inside and apart", () => {
    for (const [i, spec] of prompts.entries()) {
      const shapes = placedShapes(spec, random("apart", i));
      const wanted = spec.include.flatMap(({ class: name, count }) =>
        Array.from({ length: count }, () => name),
      );
      expect(shapes.map(({ name }) => name)).toEqual(wanted);
      for (const [k, { x, y, radius }] of shapes.entries()) {
        expect(Math.min(x, y, 1 - x, 1 - y)).toBeGreaterThanOrEqual(radius);
        for (const other of shapes.slice(0, k)) {
          expect(Math.hypot(x - other.x, y - other.y)).toBeGreaterThan(2 * radius);
        }
      }
    }
  });
});

describe("the finder of shapes", () => {
  const rightShare = (side: number) => {
    const right = prompts.filter((spec, i) => {
      const picture = drawPromptedScene(spec, side, random("ceiling", i));
      return judgePrompt(spec, findShapes(picture), shapeThresholds).right;
    });
    return right.length / prompts.length;
  };

  it("finds what is there in nearly all scenes", () => {
    expect(rightShare(64)).toBeGreaterThan(0.98);
    expect(rightShare(32)).toBeGreaterThan(0.93);
  });

  it("tells shape, colour and edges", () => {
    const shapes = placedShapes(named("a red square and a blue disc"), random("edges", 1));
    const picture = drawPromptedScene(
      named("a red square and a blue disc"),
      128,
      random("edges", 1),
    );
    const found = findShapes(picture);
    expect(new Set(found.map((one) => `${one.color} ${one.class}`))).toEqual(
      new Set(["red square", "blue disc"]),
    );
    const disc = shapes.find(({ name }) => name === "disc")!;
    const { box } = found.find((one) => one.class === "disc")!;
    const edges = [
      disc.x - disc.radius,
      disc.y - disc.radius,
      disc.x + disc.radius,
      disc.y + disc.radius,
    ];
    [box.left, box.top, box.right, box.bottom].forEach((edge, i) => {
      expect(Math.abs(edge - 128 * edges[i]!)).toBeLessThan(1.5);
    });
  });

  it("finds nothing where nothing is, and nothing sure in noise", () => {
    const grey = { width: 32, height: 32, data: new Uint8Array(32 * 32 * 3).fill(128) };
    expect(findShapes(grey)).toEqual([]);
    const noise = Uint8Array.from(random("noise").uniforms(64 * 64 * 3), (u) => 256 * u);
    const sure = findShapes({ width: 64, height: 64, data: noise }).filter(
      ({ score }) => score > shapeThresholds.score,
    );
    expect(sure).toEqual([]);
  });

  it("does not take another prompt's scene for the right one", () => {
    const picture = drawPromptedScene(named("a red disc"), 64, random("other", 1));
    const found = findShapes(picture);
    for (const prompt of ["a blue disc", "a red square", "two discs", "a disc and a square"]) {
      expect(judgePrompt(named(prompt), found, shapeThresholds).right).toBe(false);
    }
  });
});
