/**
 * Scenes of shapes by prompts in GenEval's six kinds: its substitute where no detector of photographs can
 * be had (metrics sheet, "GenEval substitute"). A scene shows what its prompt says on white, and nothing
 * else; sizes, places, small turns and whatever colours the prompt leaves open are drawn anew.
 */
import type { Picture } from "../images/picture.ts";
import {
  type Box,
  boxRelations,
  type Detection,
  type IncludeClause,
  judgePrompt,
  type PromptSpec,
  type PromptTag,
  promptTags,
} from "../metrics/geneval.ts";
import { type Random, random } from "../random/random.ts";
import { between, pick } from "./colours.ts";
import {
  apart,
  blankCanvas,
  type Circle,
  type ColourName,
  colourNames,
  enlarged,
  inkOf,
  pictureOf,
  pluralOf,
} from "./scene-parts.ts";
import { paintShape, type Shape, type ShapeName, shapeNames } from "./shapes.ts";

/** Without the hexagon, which a blurred disc looks like. */
export const sceneObjects: readonly ShapeName[] = shapeNames.filter((name) => name !== "hexagon");

const countWords = ["no", "one", "two", "three", "four"] as const;
const counts = [2, 3, 4] as const;

/** Prompts that place or colour two objects: as many as GenEval has of each. */
const CHOSEN = 100;

/** The prompts that models are measured by: all of the first four kinds, a fixed hundred of the others. */
export function scenePrompts(): PromptSpec[] {
  return promptTags.flatMap((tag) => {
    const all = promptsOf[tag]();
    if (tag !== "position" && tag !== "color_attr") return all;
    const order = random("scene prompts", tag).permutation(all.length);
    return Array.from(order.subarray(0, CHOSEN).sort(), (at) => all[at]!);
  });
}

/** All prompts that there are. */
export function everyScenePrompt(): PromptSpec[] {
  return promptTags.flatMap((tag) => promptsOf[tag]());
}

/** Prompts to draw from: first a kind, then one of it, each as likely. */
export function scenePromptSource(): (draws: Random) => PromptSpec {
  const byTag = promptTags.map((tag) => promptsOf[tag]());
  return (draws) => pick(draws, pick(draws, byTag));
}

const promptsOf: Readonly<Record<PromptTag, () => PromptSpec[]>> = {
  single_object: () => sceneObjects.map((name) => spec("single_object", `a ${name}`, [one(name)])),
  two_object: () =>
    pairs()
      .filter(([a, b]) => sceneObjects.indexOf(a) < sceneObjects.indexOf(b))
      .map(([a, b]) => spec("two_object", `a ${a} and a ${b}`, [one(a), one(b)])),
  counting: () =>
    sceneObjects.flatMap((name) =>
      counts.map((count) => ({
        ...spec("counting", `${countWords[count]} ${pluralOf(name)}`, [{ class: name, count }]),
        exclude: [{ class: name, count: count + 1 }],
      })),
    ),
  colors: () =>
    sceneObjects.flatMap((name) =>
      colourNames.map((color) =>
        spec("colors", `${article(color)} ${color} ${name}`, [{ ...one(name), color }]),
      ),
    ),
  position: () =>
    pairs().flatMap(([a, b]) =>
      boxRelations.map((relation) =>
        spec("position", `a ${a} ${relation} a ${b}`, [
          one(b),
          { ...one(a), position: [relation, 0] },
        ]),
      ),
    ),
  color_attr: () =>
    pairs().flatMap(([a, b]) =>
      colourNames.flatMap((first) =>
        colourNames
          .filter((second) => second !== first)
          .map((second) =>
            spec(
              "color_attr",
              `${article(first)} ${first} ${a} and ${article(second)} ${second} ${b}`,
              [
                { ...one(a), color: first },
                { ...one(b), color: second },
              ],
            ),
          ),
      ),
    ),
};

function spec(tag: PromptTag, prompt: string, include: readonly IncludeClause[]): PromptSpec {
  return { tag, prompt, include };
}

function one(name: ShapeName): IncludeClause {
  return { class: name, count: 1 };
}

/** Ordered pairs of different objects. */
function pairs(): (readonly [ShapeName, ShapeName])[] {
  return sceneObjects.flatMap((a) =>
    sceneObjects.filter((b) => b !== a).map((b) => [a, b] as const),
  );
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? "an" : "a";
}

/** A scene of a prompt, `size` × `size` pixels; the same draws give the same picture. */
export function drawPromptedScene(spec: PromptSpec, size: number, draws: Random): Picture {
  const canvas = blankCanvas(size);
  canvas.values.fill(255);
  for (const shape of placedShapes(spec, draws)) paintShape(canvas, enlarged(shape, size));
  return pictureOf(canvas);
}

/** Radius of shapes, and the largest by their number. */
const SMALLEST = 0.13;
const largest = [0, 0.38, 0.22, 0.19, 0.17] as const;
/** In radians. */
const MOST_TURN = 0.2;
/** A square's first corner points upwards: so it stands on its side. */
const UPRIGHT_SQUARE = Math.PI / 4;
/** Edges that are seen a pixel aside must not undo a relation. */
const CLEARLY = 1.25;

/** What a scene of a prompt holds, in a picture that is one unit wide. */
export function placedShapes(spec: PromptSpec, draws: Random): Shape[] {
  const wanted = spec.include.flatMap(({ class: name, count, color }) =>
    Array.from({ length: count }, () => ({
      name: name as ShapeName,
      colour: (color as ColourName | undefined) ?? pick(draws, colourNames),
    })),
  );
  for (;;) {
    const places = apart(wanted.length, between(draws, SMALLEST, largest[wanted.length]!), draws);
    const found = wanted.map(({ name, colour }, i) => detectionOf(name, colour, places[i]!));
    if (!judgePrompt(spec, found).right) continue;
    return wanted.map(({ name, colour }, i) => {
      const { x, y, radius: fitting } = places[i]!;
      const turn = between(draws, -MOST_TURN, MOST_TURN);
      const angle = name === "square" ? turn + UPRIGHT_SQUARE : turn;
      return { name, x, y, radius: fitting, angle, colour: inkOf(draws, colour) };
    });
  }
}

/** By a circle that is larger than the shape. */
function detectionOf(name: ShapeName, color: ColourName, { x, y, radius }: Circle): Detection {
  const reach = CLEARLY * radius;
  const box: Box = { left: x - reach, top: y - reach, right: x + reach, bottom: y + reach };
  return { class: name, color, score: 1, box };
}
