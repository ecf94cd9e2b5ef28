import { expect, test } from "vitest";
import type { Example } from "../data/example.ts";
import { classAccuracy, type NamedSide } from "./class-accuracy.ts";

const network = {
  name: "tiny-D2",
  classNames: ["bird", "fish", "animal"],
  classFields: ["subgroup", "group"],
};
const options = { network, seed: 1 };
const [bird, fish, animal] = [0, 1, 2];

function side(examples: Partial<Example>[], named: number[]): NamedSide {
  const whole = examples.map((one, i) => ({ file: `${i}`, fields: {}, ...one }));
  return { set: { examples: whole }, summary: { named: Int32Array.from(named) } };
}

const kind = (text: string, fields: Readonly<Record<string, unknown>>) => ({ text, fields });
const reference = side(
  [
    kind("crow", { group: "animal", subgroup: "bird" }),
    kind("trout", { group: "animal", subgroup: "fish" }),
    kind("cat", { group: "animal", subgroup: "mammal" }),
    kind("hammer", { group: "tools" }),
  ],
  [bird, bird, animal, fish],
);

test("counts samples that are taken for the class of what was asked for", () => {
  const samples = side(
    ["crow", "trout", "cat", "hammer", "crow"].map((text) => ({ text })),
    [bird, fish, animal, fish, fish],
  );
  const metric = classAccuracy(samples, reference, options);
  // a hammer has no class that the network knows
  expect(metric).toMatchObject({
    id: "accuracy",
    name: "class accuracy[tiny-D2]",
    better: "higher",
    value: 3 / 4,
    count: 4,
    referenceCount: 3,
    floor: { value: 2 / 3 },
  });
});

test("takes the label where no field of the metadata names a class", () => {
  const own = side([{ label: "fish" }, { label: "bird" }], [fish, fish]);
  const samples = side([{ text: "fish" }, { text: "bird" }], [fish, fish]);
  const metric = classAccuracy(samples, own, {
    ...options,
    network: { ...network, classFields: [] },
  });
  expect(metric).toMatchObject({ value: 1 / 2, floor: { value: 1 / 2 } });
});

test("accepts each class that pictures of the same words have", () => {
  const own = side(
    [kind("bat", { group: "animal" }), kind("bat", { group: "bird" })],
    [animal, bird],
  );
  const samples = side([{ text: "bat" }, { text: "bat" }, { text: "bat" }], [animal, bird, fish]);
  expect(classAccuracy(samples, own, options).value).toBe(2 / 3);
});

test("says what is missing where the data has none of the network's classes", () => {
  const own = side([{ label: "hammer" }], [fish]);
  expect(classAccuracy(side([{ text: "hammer" }], [fish]), own, options)).toMatchObject({
    value: null,
    count: 0,
    unavailable: "needs pictures of classes that tiny-D2 knows by name",
  });
});
