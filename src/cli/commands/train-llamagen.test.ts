/** From pictures to a raster model that draws: the same commands as for any other system. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { flatPng, withFolder, writeTree } from "../../../test/data/fixtures.ts";
import { readModelFolder } from "../../checkpoints/model-folder.ts";
import { readPicture } from "../../images/read.ts";
import { runCaptured } from "../captured.ts";

const tokenizer = {
  extends: "small-llamagen-tokenizer",
  name: "tiny-tokenizer",
  data: { size: 16 },
  tokenizer: {
    channels: 8,
    multipliers: [1, 2],
    decoderBlocks: 1,
    latentChannels: 8,
    groups: 4,
    codebookSize: 32,
    codeChannels: 4,
    grid: { height: 4, width: 4 },
  },
  plan: { steps: 6, batchSize: 4 },
};
const system = {
  extends: "small-llamagen",
  name: "tiny-llamagen",
  data: { size: 16 },
  sizes: { depth: 2, width: 32, heads: 2, hidden: 64 },
  plan: { steps: 6, batchSize: 4 },
};

const colours = { red: [220, 30, 30], blue: [30, 60, 220], green: [30, 180, 60] } as const;

it("a raster model is trained on a tokenizer of its kind, saved, and draws", async () => {
  await withFolder(async (folder) => {
    const before = process.env.ORDO_HOME;
    // the loader's thread reads the environment of the process
    process.env.ORDO_HOME = join(folder, "home");
    try {
      const pictures = Object.entries(colours).map(async ([name, [r, g, b]]) => [
        `pictures/${name} square.png`,
        await flatPng([r, g, b], { width: 16, height: 16 }),
      ]);
      await writeTree(folder, {
        ...Object.fromEntries(await Promise.all(pictures)),
        "tokenizer.json": JSON.stringify(tokenizer),
        "system.json": JSON.stringify(system),
      });
      const train = (recipe: string, out: string, more: readonly string[] = []) =>
        runCaptured([
          ...["train", join(folder, recipe), "--data", join(folder, "pictures"), "--json"],
          ...["--out", join(folder, out), ...more],
        ]);
      const first = await train("tokenizer.json", "tokenizer");
      expect(first).toMatchObject({ code: 0 });
      const { config } = await readModelFolder(join(folder, "tokenizer", "model"));
      expect(config.system).toBe("vq-tokenizer");
      const second = await train("system.json", "run", ["--tokenizer", join(folder, "tokenizer")]);
      expect(second).toMatchObject({ code: 0 });
      expect(second.stderr).toMatch(/6\/6 steps · loss [\d.]+ · .* · quarters( [\d.]+){4}/);
      const model = join(folder, "run", "model");
      const output = join(folder, "drawn.png");
      const words = ["generate", "red square", "-m", model, "--seed", "3", "-o", output];
      const drawn = await runCaptured([...words, "--json"]);
      expect(drawn).toMatchObject({ code: 0 });
      expect(await readPicture(output)).toMatchObject({ width: 16, height: 16 });
      const rebuilt = await runCaptured([
        ...["reconstruct", output, "-m", model, "--json"],
        ...["-o", join(folder, "rebuilt.png")],
      ]);
      expect(rebuilt).toMatchObject({ code: 0 });
    } finally {
      if (before === undefined) delete process.env.ORDO_HOME;
      else process.env.ORDO_HOME = before;
    }
  });
});

it("a tokenizer of another kind is refused before anything is trained", async () => {
  await withFolder(async (folder) => {
    await writeTree(folder, {
      "red.png": await flatPng([220, 30, 30], { width: 64, height: 64 }),
    });
    const { code, stderr } = await runCaptured([
      ...["train", "small-llamagen", "--data", folder, "--tokenizer", "emoji-var"],
      ...["--out", join(folder, "run")],
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/small-llamagen on its tokenizer.*tokenizer\.kind/s);
  });
});
