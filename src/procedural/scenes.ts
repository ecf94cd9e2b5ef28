/**
 * Small scenes with one label each: a shape in a colour, a number of equal shapes, two shapes in a
 * relation, or a texture. Everything that the label does not name is drawn anew.
 */
import type { Colour, Picture } from "../images/picture.ts";
import type { Random } from "../random/random.ts";
import { between, hsv, mix, pick } from "./colours.ts";
import {
  apart,
  blankCanvas,
  type Circle,
  type ColourName,
  colourNames,
  enlarged,
  inkOf,
  pictureOf,
  placeOf,
  pluralOf,
} from "./scene-parts.ts";
import { type Canvas, paintShape, type Shape, type ShapeName, shapeNames } from "./shapes.ts";
import { type TextureName, texture, textureNames } from "./textures.ts";

const relations = ["left of", "above", "inside"] as const;

type Scene =
  | { readonly kind: "shape"; readonly colour: ColourName; readonly shape: ShapeName }
  | { readonly kind: "count"; readonly count: number; readonly shape: ShapeName }
  | {
      readonly kind: "relation";
      readonly first: ShapeName;
      readonly relation: (typeof relations)[number];
      readonly second: ShapeName;
    }
  | { readonly kind: "texture"; readonly texture: TextureName };

const related: readonly ShapeName[] = ["disc", "square", "triangle"];

const scenes: readonly Scene[] = [
  ...shapeNames.flatMap((shape) =>
    colourNames.map((colour) => ({ kind: "shape", colour, shape }) as const),
  ),
  ...shapeNames.flatMap((shape) =>
    [2, 3, 4].map((count) => ({ kind: "count", count, shape }) as const),
  ),
  ...related.flatMap((first) =>
    related
      .filter((second) => second !== first)
      .flatMap((second) =>
        relations.map((relation) => ({ kind: "relation", first, relation, second }) as const),
      ),
  ),
  ...textureNames.map((texture) => ({ kind: "texture", texture }) as const),
];

/** Names of the labels: "red disc", "3 stars", "disc inside square", "bricks". */
export const sceneClasses: readonly string[] = scenes.map(nameOf);

function nameOf(scene: Scene): string {
  switch (scene.kind) {
    case "shape":
      return `${scene.colour} ${scene.shape}`;
    case "count":
      return `${scene.count} ${pluralOf(scene.shape)}`;
    case "relation":
      return `${scene.first} ${scene.relation} ${scene.second}`;
    case "texture":
      return scene.texture;
  }
}

/** One scene of a label, `size` × `size` pixels; the same draws give the same picture. */
export function drawScene(label: number, size: number, draws: Random): Picture {
  const scene = scenes[label]!;
  const canvas = blankCanvas(size);
  if (scene.kind === "texture")
    paintTexture(canvas, texture(scene.texture, draws), ...twoInks(draws));
  else {
    paintGround(canvas, draws);
    for (const shape of shapesOf(scene, draws)) paintShape(canvas, enlarged(shape, size));
  }
  return pictureOf(canvas);
}

/** Shapes of a scene in a picture that is one unit wide. */
function shapesOf(scene: Exclude<Scene, { kind: "texture" }>, draws: Random): Shape[] {
  switch (scene.kind) {
    case "shape": {
      const radius = between(draws, 0.16, 0.4);
      const [x, y] = [placeOf(draws, radius), placeOf(draws, radius)];
      return [shapeAt(scene.shape, x, y, radius, inkOf(draws, scene.colour), draws)];
    }
    case "count":
      return apart(scene.count, between(draws, 0.11, 0.2), draws).map(({ x, y, radius }) =>
        shapeAt(scene.shape, x, y, radius, anyInk(draws), draws),
      );
    case "relation":
      return pair(scene.relation, draws)
        .map(({ x, y, radius }, i) =>
          shapeAt(i === 0 ? scene.first : scene.second, x, y, radius, anyInk(draws), draws),
        )
        .reverse();
  }
}

function pair(relation: (typeof relations)[number], draws: Random): [Circle, Circle] {
  const [near, far] = [between(draws, 0.2, 0.3), between(draws, 0.7, 0.8)];
  const middle = between(draws, 0.3, 0.7);
  const [aside, beside] = [
    middle + between(draws, -0.12, 0.12),
    middle + between(draws, -0.12, 0.12),
  ];
  const [radius, other] = [between(draws, 0.12, 0.19), between(draws, 0.12, 0.19)];
  switch (relation) {
    case "left of":
      return [
        { x: near, y: aside, radius },
        { x: far, y: beside, radius: other },
      ];
    case "above":
      return [
        { x: aside, y: near, radius },
        { x: beside, y: far, radius: other },
      ];
    case "inside": {
      const outer = between(draws, 0.34, 0.46);
      const [x, y] = [between(draws, 0.46, 0.54), between(draws, 0.46, 0.54)];
      return [
        { x, y, radius: outer * between(draws, 0.25, 0.4) },
        { x, y, radius: outer },
      ];
    }
  }
}

function shapeAt(
  name: ShapeName,
  x: number,
  y: number,
  radius: number,
  colour: Colour,
  draws: Random,
): Shape {
  return { name, x, y, radius, angle: between(draws, -Math.PI, Math.PI), colour };
}

function anyInk(draws: Random): Colour {
  return inkOf(draws, pick(draws, colourNames));
}

/** Two colours of which one is much darker. */
function twoInks(draws: Random): [Colour, Colour] {
  const dark = mix([0, 0, 0], anyInk(draws), between(draws, 0, 0.4));
  const light = mix(anyInk(draws), [255, 255, 255], between(draws, 0.3, 1));
  return draws.uniform() < 0.5 ? [dark, light] : [light, dark];
}

/** White, or a greyish colour that may run into another. */
function paintGround(canvas: Canvas, draws: Random): void {
  const grey = () => hsv(draws.uniform(), between(draws, 0, 0.25), between(draws, 0.1, 1));
  const kind = draws.uniform();
  const first: Colour = kind < 0.4 ? [255, 255, 255] : grey();
  if (kind < 0.7) paintTexture(canvas, () => 0, first, first);
  else paintTexture(canvas, texture(kind < 0.85 ? "gradient" : "clouds", draws), first, grey());
}

/** Fills a canvas with mixtures of two colours, by a function of places in a picture one unit wide. */
function paintTexture(
  { size, values }: Canvas,
  of: (x: number, y: number) => number,
  first: Colour,
  second: Colour,
): void {
  const steps = [0, 1, 2].map((c) => second[c]! - first[c]!);
  let at = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const t = of((x + 0.5) / size, (y + 0.5) / size);
      for (let c = 0; c < 3; c++) values[at++] = first[c]! + t * steps[c]!;
    }
  }
}
