import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { flatPng, withFolder, writeTree } from "../../test/data/fixtures.ts";
import { DataError } from "../errors.ts";
import { readClassifier } from "../features/classifier-folder.ts";
import type { Colour } from "../images/picture.ts";
import { sceneClasses } from "../procedural/scenes.ts";
import { openDevice } from "../runtime/device.ts";
import { parseRecipe } from "./parse-recipe.ts";
import { train } from "./train.ts";

const device = await openDevice("cpu", { threads: 1 });
const { ORDO_HOME } = process.env;
const colours: Readonly<Record<string, Colour>> = { blue: [30, 60, 220], red: [220, 40, 30] };

const tiny = {
  extends: "cifar-classifier",
  name: "tiny",
  dataset: "colours",
  data: { size: 8 },
  network: { filters: 6, channels: [8, 8], dimensions: 6 },
  plan: { steps: 60, batchSize: 8, learningRate: 1e-2, previewEvery: 30 },
};
const byName = { share: 0.4 };

afterAll(() => {
  if (ORDO_HOME === undefined) delete process.env.ORDO_HOME;
  else process.env.ORDO_HOME = ORDO_HOME;
});

/** Trains on pictures of one colour each, in class folders of a train and a test folder. */
async function trained<T>(recipe: object, use: (folder: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    process.env.ORDO_HOME = join(folder, "home");
    const data = join(folder, "data");
    for (const [name, colour] of Object.entries(colours)) {
      for (let i = 0; i < 8; i++) {
        const split = i < 5 ? "train" : "test";
        const png = await flatPng(colour.map((c) => c + 3 * i) as unknown as Colour);
        await writeTree(data, { [`${split}/${name}/${i}.png`]: png });
      }
    }
    const options = { device, data, folder: join(folder, "run"), resume: false };
    await train(parseRecipe(recipe, "tiny.json"), options);
    return use(folder);
  });
}

describe("training a classifier", () => {
  it("leaves a model that knows its classes, and what it reaches on the test pictures", async () => {
    await trained(tiny, async (folder) => {
      const model = join(folder, "run", "model");
      const { config } = await readClassifier(model);
      expect(config).toMatchObject({
        dataset: "colours",
        classes: ["blue", "red"],
        sizes: { side: 8, dimensions: 6 },
        testAccuracy: 1,
        training: { recipe: "tiny", steps: 60, results: { testAccuracy: 1 } },
      });
      const card = await readFile(join(model, "README.md"), "utf8");
      expect(card).toContain("| accuracy | 1 | test pictures of own pictures, 2 classes |");
      const log = (await readFile(join(folder, "run", "log.jsonl"), "utf8")).trim().split("\n");
      const measured = log.filter((line) => line.includes("testAccuracy"));
      expect(measured.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([30, 60]);
    });
  });

  it("takes scenes as further classes, measured apart", async () => {
    const plan = { ...tiny.plan, steps: 4 };
    const recipe = { ...tiny, data: { size: 8, test: byName }, scenes: { perBatch: 4 }, plan };
    await trained(recipe, async (folder) => {
      const { config } = await readClassifier(join(folder, "run", "model"));
      expect(config.classes).toEqual(["blue", "red", ...sceneClasses]);
      const { results } = config.training as { results: Record<string, number> };
      expect(Object.keys(results).sort()).toEqual([
        "accuracy",
        "loss",
        "sceneAccuracy",
        "testAccuracy",
      ]);
    });
  });

  it("names pictures without a class before anything is trained", async () => {
    const rule = { field: "kind", otherwise: "group", atLeast: 2 };
    const failing = trained({ ...tiny, data: { size: 8, classes: rule } }, async () => {});
    await expect(failing).rejects.toThrow(DataError);
    await expect(failing).rejects.toThrow(/10 of 10 without one/);
  });
});
