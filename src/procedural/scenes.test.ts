import { describe, expect, it } from "vitest";
import type { Picture } from "../images/picture.ts";
import { random } from "../random/random.ts";
import { drawScene, sceneClasses } from "./scenes.ts";

const size = 48;
const draw = (label: number, seed: number) => drawScene(label, size, random("scenes", label, seed));
const labelled = (pattern: RegExp) =>
  sceneClasses.flatMap((name, label) => (pattern.test(name) ? [{ name, label }] : []));

describe("scenes", () => {
  it("have labels of their own", () => {
    expect(new Set(sceneClasses).size).toBe(sceneClasses.length);
    expect(sceneClasses).toEqual(
      expect.arrayContaining(["red disc", "3 stars", "disc inside square", "bricks"]),
    );
  });

  it("repeat themselves for the same draws, and differ for others", () => {
    for (const label of sceneClasses.keys()) {
      const { width, height, data } = draw(label, 1);
      expect([width, height, data.length]).toEqual([size, size, 3 * size * size]);
      // comparing arrays number by number takes longer than drawing them
      expect(Buffer.compare(draw(label, 1).data, data)).toBe(0);
      expect(Buffer.compare(draw(label, 2).data, data)).not.toBe(0);
    }
  });

  it("show as many shapes as they are called by", () => {
    for (const { name, label } of labelled(/^\d/)) {
      for (const seed of [1, 2, 3]) {
        expect([name, spots(draw(label, seed)).length]).toEqual([name, Number(name[0])]);
      }
    }
  });

  it("place the first shape left of the second, or above it", () => {
    for (const { name, label } of labelled(/left of|above/)) {
      const axis = name.includes("left of") ? "x" : "y";
      const across = axis === "x" ? "y" : "x";
      const [a, b] = spots(draw(label, 4)).sort((one, two) => one[axis] - two[axis]);
      expect(b![axis] - a![axis]).toBeGreaterThan(Math.abs(b![across] - a![across]));
      // discs fill most of their frame, triangles least
      const [first, second] = [name.split(" ")[0]!, name.split(" ").at(-1)!];
      expect(Math.sign(a!.fill - b!.fill)).toBe(Math.sign(fills[first]! - fills[second]!));
    }
  });

  it("colour a shape as its label says", () => {
    const strongest = (name: string) => {
      const { data } = draw(sceneClasses.indexOf(name), 5);
      const [spot] = spots({ width: size, height: size, data });
      const at = 3 * spot!.pixels[spot!.pixels.length >> 1]!;
      return [0, 1, 2].sort((a, b) => data[at + b]! - data[at + a]!)[0];
    };
    expect(["red square", "green square", "blue square"].map(strongest)).toEqual([0, 1, 2]);
  });
});

/** Area over the square of the reach from the middle, which turning does not change. */
const fills: Readonly<Record<string, number>> = { disc: 3.14, square: 2, triangle: 1.3 };

interface Spot {
  readonly pixels: readonly number[];
  readonly x: number;
  readonly y: number;
  readonly fill: number;
}

/** Connected sets of pixels of strong colour: grounds are greyish. */
function spots({ width, height, data }: Picture): Spot[] {
  const strong = Array.from({ length: width * height }, (_, p) => {
    const channels = [...data.subarray(3 * p, 3 * p + 3)];
    return 1 - Math.min(...channels) / Math.max(1, ...channels) > 0.3;
  });
  const found: Spot[] = [];
  for (let start = 0; start < strong.length; start++) {
    if (!strong[start]) continue;
    const pixels: number[] = [];
    const open = [start];
    strong[start] = false;
    while (open.length > 0) {
      const p = open.pop()!;
      pixels.push(p);
      const neighbours = [p - width, p + width, ...(p % width > 0 ? [p - 1] : [])];
      if (p % width < width - 1) neighbours.push(p + 1);
      for (const next of neighbours.filter((n) => strong[n])) {
        strong[next] = false;
        open.push(next);
      }
    }
    if (pixels.length > 3) found.push(spotOf(pixels, width));
  }
  return found;
}

function spotOf(pixels: readonly number[], width: number): Spot {
  const xs = pixels.map((p) => p % width);
  const ys = pixels.map((p) => Math.floor(p / width));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  const [x, y] = [mean(xs), mean(ys)];
  const reach = Math.max(...pixels.map((_, i) => Math.hypot(xs[i]! - x, ys[i]! - y))) + 0.5;
  return { pixels, x, y, fill: pixels.length / reach ** 2 };
}
