import { describe, expect, it } from "vitest";
import type { Example } from "../data/example.ts";
import { DataError } from "../errors.ts";
import { pictureClasses } from "./picture-classes.ts";

const rule = { field: "subgroup", otherwise: "group", atLeast: 2 };
const inGroup = (subgroup: string, group: string): Example => ({
  file: `${subgroup}.png`,
  fields: { subgroup, group },
});
const animals = ["bird", "bird", "bug", "bird"].map((name) => inGroup(name, "animal"));
const food = ["fruit", "fruit"].map((name) => inGroup(name, "food"));

describe("pictureClasses", () => {
  it("takes class folders in alphabetical order", () => {
    const examples = ["b", "a", "b"].map((label) => ({
      file: `${label}/1.png`,
      label,
      fields: {},
    }));
    const { names, classOf } = pictureClasses({ name: "x", examples });
    expect(names).toEqual(["a", "b"]);
    expect(examples.map(classOf)).toEqual([1, 0, 1]);
  });

  it("lets the wider field stand for values that few pictures have", () => {
    const examples = [...animals, ...food];
    const { names, classOf } = pictureClasses({ name: "x", examples }, rule);
    expect(names).toEqual(["animal", "bird", "fruit"]);
    expect(examples.map((example) => names[classOf(example)])).toEqual([
      "bird",
      "bird",
      "animal",
      "bird",
      "fruit",
      "fruit",
    ]);
  });

  it("knows the classes of pictures that it has not seen, or that there is none", () => {
    const { names, classOf } = pictureClasses({ name: "x", examples: [...animals, ...food] }, rule);
    expect(names[classOf(inGroup("reptile", "animal"))]).toBe("animal");
    expect(names[classOf(inGroup("fruit", "food"))]).toBe("fruit");
    expect(classOf(inGroup("car", "travel"))).toBe(-1);
  });

  it("refuses pictures without a class, and a single class", () => {
    const bare = { file: "c.png", fields: {} };
    const of = (examples: Example[]) => () => pictureClasses({ name: "x", examples }, rule);
    expect(of([...animals, bare])).toThrow(DataError);
    expect(of([...animals, bare])).toThrow(/1 of 5 without one \(c.png\)/);
    expect(of(food)).toThrow(/several classes, got fruit/);
  });
});
