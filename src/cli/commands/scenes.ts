import { drawMissing, drawnSoFar } from "../../eval/drawn-pictures.ts";
import { drawPromptedScene, scenePromptSource } from "../../procedural/prompted-scenes.ts";
import { random } from "../../random/random.ts";
import { ordoVersion } from "../../version.ts";
import { type Command, defineCommand, type Option } from "../command.ts";
import * as shared from "../options.ts";
import { integer, text } from "../schemas.ts";

const DEFAULT_COUNT = 4000;
const DEFAULT_SIZE = 64;
const DEFAULT_SEED = 1;

const count: Option<number> = {
  flags: "-n, --count <number>",
  summary: `pictures; ${DEFAULT_COUNT} if left out`,
  schema: integer({ from: 1, to: 10_000_000 }).default(DEFAULT_COUNT),
};

const size: Option<number> = {
  flags: "--size <pixels>",
  summary: `pixels per side; ${DEFAULT_SIZE} if left out`,
  schema: integer({ from: 32, to: 4096 }).default(DEFAULT_SIZE),
};

const seed: Option<number> = {
  ...shared.seed,
  summary: `of prompts and scenes; ${DEFAULT_SEED} if left out`,
  schema: shared.seed.schema.default(DEFAULT_SEED),
};

/** A data set without a download: what models of pictures from words can be tried on. */
export const scenes: Command = defineCommand({
  name: "scenes",
  summary: "Draws scenes of shapes with their prompts: a data set to train on, with exact answers.",
  examples: [
    "ordo scenes scenes/",
    "ordo scenes scenes/ -n 20000 --size 128 --seed 7",
    "ordo train scenes-var --data scenes/ --tokenizer emoji-var",
    "ordo eval scenes runs/scenes-var/model",
  ],
  arguments: {
    folder: { summary: "where the pictures go, beside metadata.jsonl", schema: text("a folder") },
  },
  options: { count, size, seed },
  async run({ terminal, signal }, { folder, ...values }) {
    const source = scenePromptSource();
    const specs = Array.from({ length: values.count }, (_, i) =>
      source(random(values.seed, "scene prompt", i)),
    );
    const bar = terminal.progress({
      label: "drawing",
      total: values.count,
      from: drawnSoFar(folder, values.count),
      unit: "pictures",
    });
    await drawMissing(
      {
        folder,
        settings: {
          kind: "scenes",
          size: values.size,
          seed: values.seed,
          ordo: await ordoVersion(),
        },
        captions: specs.map(({ prompt }) => prompt),
        draw: async (i) => ({
          picture: drawPromptedScene(specs[i]!, values.size, random(values.seed, "scene", i)),
        }),
      },
      { signal, onProgress: (done) => bar.update(done) },
    ).finally(() => bar.stop());
    return {
      data: { folder, pictures: values.count, size: values.size, seed: values.seed },
      text: `${values.count} pictures in ${folder}`,
    };
  },
});
