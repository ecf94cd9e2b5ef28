import { describe, expect, it } from "vitest";
import { parseRecipe } from "./parse-recipe.ts";
import { recipes } from "./shipped.ts";
import { smallTokenizer } from "./small-tokenizer.ts";
import { smallVar } from "./small-var.ts";

/** What is said of content that is no recipe. */
function complaint(content: unknown): string {
  try {
    parseRecipe(content, "mine.json");
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing";
}

describe("recipes that ship", () => {
  for (const recipe of recipes) {
    it(`${recipe.name} reads back from JSON unchanged`, () => {
      expect(parseRecipe(JSON.parse(JSON.stringify(recipe)), "x.json")).toEqual(recipe);
    });
  }
});

describe("a recipe of one's own", () => {
  it("changes single fields of the recipe that it extends", () => {
    const own = { extends: "small-var", name: "mine", plan: { steps: 50 }, sizes: { depth: 2 } };
    expect(parseRecipe(own, "mine.json")).toEqual({
      ...smallVar,
      name: "mine",
      plan: { ...smallVar.plan, steps: 50 },
      sizes: { ...smallVar.sizes, depth: 2 },
    });
  });

  it("replaces whole what lies inside a section", () => {
    const schedule = { name: "constant", warmup: { steps: 5 }, warmupStart: 0 };
    const own = { extends: "small-tokenizer", plan: { schedule }, tokenizer: { scales: [1, 8] } };
    const recipe = parseRecipe(own, "mine.json");
    expect(recipe.plan.schedule).toEqual(schedule);
    expect(recipe).toMatchObject({
      tokenizer: {
        channels: smallTokenizer.tokenizer.channels,
        scales: [
          { height: 1, width: 1 },
          { height: 8, width: 8 },
        ],
      },
    });
  });

  it("replaces a section by one of another kind", () => {
    const recipe = parseRecipe({ extends: "small-var", conditioning: { kind: "classes" } }, "x");
    expect(recipe).toMatchObject({ conditioning: { kind: "classes" } });
  });

  it("does not take over what a card says of other data", () => {
    expect(parseRecipe({ extends: "emoji-var" }, "mine.json")).not.toHaveProperty("card");
  });

  it("may leave out what most runs leave alone", () => {
    const { augment: _augment, exclude: _exclude, ...data } = smallVar.data;
    const { steps, batchSize, learningRate, schedule } = smallVar.plan;
    const plan = { steps, batchSize, learningRate, schedule };
    const recipe = parseRecipe({ ...smallVar, data, plan }, "mine.json");
    expect(recipe.data).toEqual({ size: 64, exclude: [], augment: {} });
    expect(recipe.plan).toMatchObject({ clipNorm: 1, seed: 1, accumulation: 1 });
  });

  it("may mirror every picture in each second epoch", () => {
    const own = { ...smallVar, data: { ...smallVar.data, augment: { flip: "alternate" } } };
    expect(parseRecipe(own, "mine.json").data.augment).toEqual({ flip: "alternate" });
  });

  it("is refused with all its faults in one message", () => {
    const own = {
      extends: "small-var",
      plan: { steps: 1.5, batchSize: 0, learningrate: 1e-3, schedule: { name: "sine" } },
      data: {
        size: "64",
        augment: { flop: 1, flip: "odd" },
        exclude: [{ field: "text", patern: "x" }],
      },
      conditionDrop: 2,
      sampling: { topP: 0 },
    };
    expect(complaint(own).split("; ")).toEqual([
      'mine.json: expected a recipe, got data.size: expected a number, got "64"',
      "data.exclude.0.pattern: expected a text, got nothing",
      'data.augment.flip: expected a share from 0 to 1, or "alternate", got "odd"',
      "conditionDrop: expected at most 1, got 2",
      "sampling.topP: expected a number above 0, got 0",
      "plan.steps: expected a whole number, got 1.5",
      "plan.batchSize: expected a number above 0, got 0",
      'plan.schedule.name: expected "constant", "cosine" or "linear", got "sine"',
      "unknown field data.exclude.0.patern (did you mean pattern?)",
      "unknown field data.augment.flop (did you mean flip?)",
      "unknown field plan.learningrate (did you mean learningRate?)",
    ]);
  });

  it("names fields that belong to the other kind", () => {
    expect(complaint({ extends: "small-var", losses: { l1: 1 } })).toContain(
      "unknown field losses",
    );
  });

  it("must say what it is", () => {
    expect(complaint({ ...smallVar, kind: "sistem" })).toContain(
      'kind: expected "tokenizer", "classifier" or "system", got "sistem"',
    );
    expect(complaint([1])).toBe("mine.json: expected the fields of a recipe, got [1]");
    expect(complaint({ extends: "smal-var" })).toContain("Did you mean small-var or small-mar?");
  });
});
