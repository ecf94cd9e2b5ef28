import { EventEmitter } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readModelFolder } from "../../checkpoints/model-folder.ts";
import { openDevice } from "../../runtime/device.ts";
import { load } from "../../systems/load.ts";
import { type CaptureOptions, runCaptured } from "../captured.ts";

const colours = { red: "#e02020", blue: "#2040e0", green: "#20a040", black: "#101010" };
const shapes = {
  circle: `<circle cx="50" cy="50" r="38"/>`,
  square: `<rect x="15" y="15" width="70" height="70"/>`,
  triangle: `<path d="M50 10 90 85 10 85Z"/>`,
  bar: `<rect x="5" y="35" width="90" height="30"/>`,
  ring: `<circle cx="50" cy="50" r="30" fill="none" stroke-width="16"/>`,
};

const tinyTokenizer = {
  extends: "small-tokenizer",
  name: "tiny-tokenizer",
  data: { size: 16 },
  tokenizer: {
    channels: 8,
    multipliers: [1, 2],
    decoderBlocks: 1,
    latentChannels: 8,
    groups: 4,
    codebookSize: 32,
    scales: [1, 2, 4],
  },
  plan: { steps: 12, batchSize: 4 },
};
const tinyVar = {
  extends: "small-var",
  name: "tiny-var",
  data: { size: 16 },
  sizes: { depth: 2, width: 32, heads: 2 },
  plan: { steps: 24, batchSize: 4 },
};

let folder: string;
let pictures: string;
const { ORDO_HOME } = process.env;
const inFolder = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-train-"));
  // the loader's thread reads the environment of the process
  process.env.ORDO_HOME = inFolder("home");
  pictures = inFolder("pictures");
  await mkdir(pictures);
  let i = 0;
  for (const [colour, code] of Object.entries(colours)) {
    for (const [shape, body] of Object.entries(shapes)) {
      for (const copy of [1, 2]) {
        const size = `width="${20 + ((i * 7) % 50)}" height="${20 + ((i * 13) % 60)}"`;
        const svg =
          `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" ${size} ` +
          `fill="${code}" stroke="${code}" preserveAspectRatio="none">${body}</svg>`;
        await sharp(Buffer.from(svg)).toFile(join(pictures, `${colour}_${shape}-${copy}.png`));
        i++;
      }
    }
  }
  const whole = readFileSync(join(pictures, "red_circle-1.png"));
  await writeFile(join(pictures, "broken.png"), whole.subarray(0, 30));
  await writeFile(join(pictures, "notes.png"), "this is a text");
  await writeFile(inFolder("tokenizer.json"), JSON.stringify(tinyTokenizer));
  await writeFile(inFolder("var.mjs"), `export default ${JSON.stringify(tinyVar)};`);
});

afterAll(async () => {
  if (ORDO_HOME === undefined) delete process.env.ORDO_HOME;
  else process.env.ORDO_HOME = ORDO_HOME;
  await rm(folder, { recursive: true });
});

function train(
  recipe: string,
  out: string,
  more: readonly string[] = [],
  options?: CaptureOptions,
) {
  const words = ["train", recipe, "--data", pictures, "--out", inFolder(out), ...more];
  return runCaptured(words, options);
}

function trainSystem(out: string, more: readonly string[] = [], options?: CaptureOptions) {
  const words = ["--tokenizer", inFolder("tokenizer"), ...more];
  return train(inFolder("var.mjs"), out, words, options);
}

describe("train, from a folder of pictures", () => {
  it("trains a tokenizer, and says where it is and what to do next", async () => {
    const { code, stdout, stderr } = await train(inFolder("tokenizer.json"), "tokenizer");
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^tiny-tokenizer has finished 12 steps: loss \d/);
    expect(stdout).toContain(`--tokenizer ${inFolder("tokenizer", "model")} --out`);
    expect(stderr).toContain("tiny-tokenizer: 40 pictures");
    expect(stderr).toContain(
      "2 files cannot be used: broken.png (a damaged one), notes.png (text)\n",
    );
    const model = inFolder("tokenizer", "model");
    expect((await readdir(model)).sort()).toEqual([
      "README.md",
      "config.json",
      "model.safetensors",
      "samples.png",
    ]);
    expect(readFileSync(join(model, "README.md"), "utf8")).toMatch(
      /!\[Samples\]\(samples.png\)[\s\S]*reconstruction PSNR \| [\d.]+ dB \| own pictures, 40 pictures/,
    );
  });

  it("trains a system on it, which draws", async () => {
    const { code, stdout, stderr } = await trainSystem("straight", ["--json"]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ kind: "system", finished: true, step: 24, pictures: 40 });
    expect(result.next).toMatch(/^ordo generate "\w+ \w+" -m /);
    expect(stderr).toMatch(
      /24\/24 steps · loss [\d.]+ · .* pictures\/s · .* GB · maps( [\d.]+){3}/,
    );
    const card = readFileSync(join(result.model, "README.md"), "utf8");
    expect(card).toContain("| loss of map 3, 4×4 |");
    expect(card).toContain("| codebook usage |");
    const { config } = await readModelFolder(result.model);
    expect(config.training).toMatchObject({ recipe: "tiny-var", steps: 24, measuredOn: 40 });
    expect(await sharp(join(result.model, "samples.png")).metadata()).toMatchObject({
      width: 2 * (8 * 18 + 2),
    });
    const device = await openDevice("cpu");
    const model = await load(inFolder("straight"), device);
    expect(model.unknownWords("red circle")).toEqual([]);
    const { picture } = await model.draw("red circle", { seed: 7 });
    expect(picture).toMatchObject({ width: 16, height: 16 });
    await model.close();
  });

  it("stops at Ctrl-C, and goes on to the very same model", async () => {
    const signals = new EventEmitter();
    const log = inFolder("resumed", "log.jsonl");
    const timer = setInterval(() => {
      const steps = existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0;
      if (steps >= 3) signals.emit("SIGINT");
    }, 1);
    const stopped = await trainSystem("resumed", ["--checkpoint-minutes", "1"], { signals });
    clearInterval(timer);
    expect(stopped.code).toBe(130);
    expect(stopped.stdout).toMatch(/stopped after step \d+ of 24; everything is saved in /);
    const next = /Next: ordo (.*)\n/.exec(stopped.stdout)![1]!.split(" ");
    expect(next.slice(-3)).toEqual(["--checkpoint-minutes", "1", "--resume"]);
    expect((await runCaptured(next)).code).toBe(0);
    const weights = (run: string) => readFileSync(inFolder(run, "model", "model.safetensors"));
    expect(weights("resumed").equals(weights("straight"))).toBe(true);
  });

  it("does not go on with other settings, unless they are asked for", async () => {
    await writeFile(inFolder("wider.json"), JSON.stringify({ ...tinyVar, conditionDrop: 0.2 }));
    const more = ["--tokenizer", inFolder("tokenizer"), "--resume"];
    const refused = await train(inFolder("wider.json"), "straight", more);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      "one made with other settings: conditionDrop 0.08 instead of 0.2\n",
    );
    const longer = await trainSystem("straight", ["--resume", "--steps", "26", "--json"]);
    expect(longer.code).toBe(0);
    expect(longer.stderr).toContain("26 steps instead of 24: the fall of the learning rate");
    expect(JSON.parse(longer.stdout)).toMatchObject({ finished: true, step: 26 });
  });

  it("does not go on with other pictures or another tokenizer", async () => {
    const goOn = (tokenizer: string, data: string) => {
      const words = ["train", inFolder("var.mjs"), "--out", inFolder("straight"), "--resume"];
      return runCaptured([...words, "--tokenizer", inFolder(tokenizer), "--data", inFolder(data)]);
    };
    await cp(pictures, inFolder("fewer"), { recursive: true });
    const [first] = (await readdir(inFolder("fewer"))).filter((name) => name.endsWith(".png"));
    await rm(inFolder("fewer", first!));
    const fewer = await goOn("tokenizer", "fewer");
    expect(fewer.code).toBe(1);
    expect(fewer.stderr).toMatch(/other settings: .*examples "42 [0-9a-f]{16}" instead of "41 /);

    await cp(inFolder("tokenizer", "model"), inFolder("other"), { recursive: true });
    const weights = inFolder("other", "model.safetensors");
    const bytes = await readFile(weights);
    bytes[bytes.length - 3]! ^= 1;
    await writeFile(weights, bytes);
    const other = await goOn("other", "pictures");
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/other settings: .*trainedTokenizer "[0-9a-f]{16}" instead of/);
  });

  it("learns few pictures by heart, with some of them twice in a step", async () => {
    const more = ["--overfit", "3", "--steps", "2", "--resume", "--json"];
    const { code, stdout, stderr } = await trainSystem("few", more);
    expect(code).toBe(0);
    expect(stderr).toContain("holds no checkpoint: the run starts anew");
    expect(stderr).toContain("a step takes 4 pictures and there are 3: some repeat");
    expect(JSON.parse(stdout)).toMatchObject({ pictures: 3, finished: true });
  });
});

describe("train, asked for what cannot be", () => {
  async function complaint(words: readonly string[]) {
    const { code, stdout, stderr } = await runCaptured(["train", ...words]);
    expect(stdout).toBe("");
    return { code, said: stderr.replaceAll(`${folder}/`, "") };
  }

  it("names all that is missing", async () => {
    expect(await complaint([])).toEqual({
      code: 2,
      said:
        "error: 3 bad values\n" +
        "  recipe: expected a name or a file, got nothing\n" +
        "  --data: expected a folder or zip of pictures, got nothing\n" +
        "  --out: expected a folder for the run, got nothing\n" +
        "  try: ordo train --list\n",
    });
  });

  it("overwrites no run", async () => {
    const words = [inFolder("tokenizer.json"), "--data", pictures, "--out", inFolder("tokenizer")];
    expect(await complaint(words)).toEqual({
      code: 2,
      said:
        "error: tokenizer: expected a folder without a run, got one with checkpoint-12.safetensors\n" +
        "  Go on with --resume, or name another folder with --out.\n",
    });
  });

  it("asks for the tokenizer of a system, and takes none for a tokenizer", async () => {
    const rest = ["--data", pictures, "--out", inFolder("none")];
    expect(await complaint(["small-var", ...rest])).toMatchObject({
      code: 2,
      said: expect.stringContaining("--tokenizer: expected the tokenizer that small-var"),
    });
    const own = ["small-tokenizer", "--tokenizer", "x", ...rest];
    expect(await complaint(own)).toMatchObject({
      code: 2,
      said: expect.stringContaining("expected nothing, small-tokenizer is trained without one"),
    });
    const other = ["small-var", "--tokenizer", inFolder("tokenizer"), ...rest];
    expect(await complaint(other)).toMatchObject({
      code: 2,
      said: expect.stringContaining("data.size: expected 16"),
    });
    expect(existsSync(inFolder("none"))).toBe(false);
  });

  it("names every bad field of a recipe file", async () => {
    const bad = { extends: "small-tokenizer", plan: { steps: 0, batch: 3 }, tokenizr: {} };
    await writeFile(inFolder("bad.json"), JSON.stringify(bad));
    const words = [inFolder("bad.json"), "--data", pictures, "--out", inFolder("none")];
    expect(await complaint(words)).toEqual({
      code: 2,
      said:
        "error: bad.json: expected a recipe, got plan.steps: expected a number above 0, got 0; " +
        "unknown field plan.batch (did you mean batchSize?); unknown field tokenizr (did you mean tokenizer?)\n",
    });
  });

  it("says that a folder is empty, gone, or without whole pictures", async () => {
    await mkdir(inFolder("empty"));
    await mkdir(inFolder("texts"));
    await writeFile(inFolder("texts", "a.png"), "text");
    const said = async (data: string) => {
      const words = ["small-tokenizer", "--data", inFolder(data), "--out", inFolder("none")];
      const { code, said } = await complaint(words);
      expect(code).toBe(1);
      return said.split("\n").find((line) => line.startsWith("error:"));
    };
    expect(await said("empty")).toBe(
      "error: empty: expected pictures (PNG, JPEG, WebP, GIF, AVIF or TIFF), got none",
    );
    expect(await said("gone")).toBe(
      "error: gone: expected a folder of pictures or a zip of one, got nothing there",
    );
    expect(await said("texts")).toBe(
      "error: texts: expected readable pictures, got all 1 broken (text)",
    );
  });

  it("says that pictures have no texts, or no classes", async () => {
    await mkdir(inFolder("mute"));
    const names = ["red_circle-1.png", "blue_bar-1.png"];
    for (const name of names) {
      await writeFile(inFolder("mute", name), readFileSync(join(pictures, name)));
    }
    const lines = names.map((name) => `${JSON.stringify({ file_name: name })}\n`).join("");
    await writeFile(inFolder("mute", "metadata.jsonl"), lines);
    const classes = { ...tinyVar, conditioning: { kind: "classes" } };
    await writeFile(inFolder("classes.json"), JSON.stringify(classes));
    const rest = ["--data", inFolder("mute"), "--tokenizer", inFolder("tokenizer")];
    const out = ["--out", inFolder("none")];
    expect(await complaint([inFolder("var.mjs"), ...rest, ...out])).toMatchObject({
      code: 1,
      said: expect.stringContaining("mute: expected pictures with texts, got 2 without any"),
    });
    expect(await complaint([inFolder("classes.json"), ...rest, ...out])).toMatchObject({
      code: 1,
      said: expect.stringContaining("got 2 of 2 without one (red_circle-1.png)"),
    });
  });

  it("lists the recipes", async () => {
    const { code, stdout } = await runCaptured(["train", "--list", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).recipes).toContainEqual(
      expect.objectContaining({ name: "small-var", kind: "system", steps: 2000 }),
    );
  });
});
