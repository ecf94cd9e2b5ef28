import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { noisePicture, withFolder } from "../../test/data/fixtures.ts";
import { DataError } from "../errors.ts";
import { embedRecipe } from "./embed-recipe.ts";
import { exifTexts } from "./exif.ts";
import { parametersText, parseParametersText } from "./parameters-text.ts";
import { readChunks, textChunk, writeChunks } from "./png-chunks.ts";
import { readPicture } from "./read.ts";
import { readRecipe, readRecipeFile } from "./read-recipe.ts";
import { type Recipe, recipeJson, withEvent } from "./recipe.ts";
import { encodePicture, writeAnimation } from "./write.ts";

const recipe: Recipe = {
  schemaVersion: 1,
  system: "var",
  model: "emoji-var",
  weightHash: "sha256:0123456789abcdef",
  prompt: 'red apple, "ripe"\n苹果 🍎 <&>',
  negativePrompt: "worm",
  seed: 7,
  index: 2,
  guidance: [1, 1.5, 2],
  topK: 900,
  topP: 0.96,
  temperature: 1,
  steps: [1, 2, 4],
  size: { width: 64, height: 64 },
  ordoVersion: "0.1.0",
  device: "cpu",
};

const picture = noisePicture(4, 16);
let png: Buffer;
beforeAll(async () => {
  png = await encodePicture(picture, "png");
});

const withTexts = (texts: Readonly<Record<string, string>>): Buffer => {
  const [header, ...rest] = readChunks(png);
  const added = Object.entries(texts).map(([keyword, text]) => textChunk(keyword, text));
  return writeChunks([header!, ...added, ...rest]);
};

describe("a recipe of Ordo", () => {
  it("comes back whole from PNG, JPEG, WebP and animations", async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "a.webp");
      await writeAnimation([picture, noisePicture(5, 16)], path, { delayMs: 100, recipe });
      expect((await readRecipeFile(path))?.recipe).toEqual(recipe);
    });
    for (const format of ["png", "jpeg", "webp"] as const) {
      const bytes = await encodePicture(picture, format, { recipe });
      expect(await readRecipe(bytes)).toMatchObject({
        writer: "ordo",
        recipe,
        settings: { seed: 9, steps: 3, guidance: 2, model: "emoji-var", width: 64, height: 64 },
        sourceType: "trainedAlgorithmicMedia",
      });
      expect(bytes.equals(await encodePicture(picture, format, { recipe }))).toBe(true);
    }
  });

  it("survives any prompt", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (prompt) => {
        const found = await readRecipe(embedRecipe(png, { ...recipe, prompt }));
        expect(found?.recipe?.prompt).toBe(prompt);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("leaves the pixels alone and replaces an earlier recipe", async () => {
    const twice = embedRecipe(embedRecipe(png, recipe), { ...recipe, seed: 6 });
    expect(await readPicture(twice)).toEqual(picture);
    expect((await readRecipe(twice))?.recipe?.seed).toBe(6);
    expect(twice.length).toBe(embedRecipe(png, recipe).length);
  });

  it("marks edits of real pictures as composites and keeps what was done", async () => {
    const edited = withEvent(
      { ...recipe, edited: true },
      { action: "resize", settings: { to: 8 } },
    );
    const found = await readRecipe(embedRecipe(png, edited));
    expect(found?.sourceType).toBe("compositeWithTrainedAlgorithmicMedia");
    expect(found?.recipe?.history).toEqual([{ action: "resize", settings: { to: 8 } }]);
  });

  it("names the model, never its path", () => {
    const model = (path: string) => JSON.parse(recipeJson({ ...recipe, model: path })).model;
    expect(model("/home/me/models/emoji-var/")).toBe("emoji-var");
    expect(model("../emoji-var")).toBe("emoji-var");
    expect(model("C:\\models\\emoji-var")).toBe("emoji-var");
    expect(model("hf:owner/name")).toBe("hf:owner/name");
  });

  it("can be read by sharp and shows its texts to programs that know EXIF", async () => {
    const jpeg = await encodePicture(picture, "jpeg", { recipe: { ...recipe, prompt: "apple" } });
    const { exif } = await sharp(jpeg).metadata();
    expect(exifTexts(exif!).UserComment).toMatch(/^apple\nNegative prompt: worm\nSteps: 3, /);
  });

  it("does not fit a JPEG beyond 65 kB, and says so", async () => {
    const long = { ...recipe, prompt: "x".repeat(70_000) };
    await expect(encodePicture(picture, "jpeg", { recipe: long })).rejects.toThrow(/Write a PNG/);
    expect((await readRecipe(embedRecipe(png, long)))?.recipe).toEqual(long);
  });
});

describe("the parameters text", () => {
  it("keeps its form: other programs read it", () => {
    expect(parametersText({ ...recipe, prompt: "red apple" })).toMatchInlineSnapshot(`
      "red apple
      Negative prompt: worm
      Steps: 3, Sampler: var, CFG scale: 2, Seed: 9, Size: 64x64, Model hash: 0123456789, Model: emoji-var, Top-k: 900, Top-p: 0.96, Temperature: 1, Version: ordo 0.1.0"
    `);
  });

  it("takes words with colons for a prompt", () => {
    const prompt = "a sign: stop, a clock: noon";
    expect(parseParametersText(prompt).settings).toEqual({ prompt });
  });
});

describe("recipes of other programs", () => {
  it("reads AUTOMATIC1111, in PNG and in EXIF of either byte order", async () => {
    const text = [
      "a castle,",
      "at night",
      "Negative prompt: people",
      'Steps: 20, Sampler: Euler a, CFG scale: 7.5, Seed: 42, Size: 512x768, Lora hashes: "a: 1, b: 2", Model: dream',
    ].join("\n");
    const expected = {
      writer: "a1111",
      settings: {
        prompt: "a castle,\nat night",
        negativePrompt: "people",
        steps: 20,
        sampler: "Euler a",
        guidance: 7.5,
        seed: 42,
        width: 512,
        height: 768,
        model: "dream",
      },
      other: { "Lora hashes": "a: 1, b: 2" },
    };
    expect(await readRecipe(withTexts({ parameters: text }))).toMatchObject(expected);
    const jpeg = await sharp(png)
      .withExif({ IFD2: { UserComment: text } })
      .jpeg()
      .toBuffer();
    expect(await readRecipe(jpeg)).toMatchObject(expected);
    for (const order of ["MM", "II"] as const) {
      expect(exifTexts(unicodeComment(`Stöps 苹果 ${text}`, order))).toEqual({
        UserComment: `Stöps 苹果 ${text}`,
      });
    }
  });

  it("reads ComfyUI by following the sampler's links", async () => {
    const graph = {
      "3": {
        class_type: "KSampler",
        inputs: {
          seed: 5,
          steps: 25,
          cfg: 8,
          sampler_name: "euler",
          positive: ["9", 0],
          negative: ["7", 0],
        },
      },
      "4": { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "sd.safetensors" } },
      "5": { class_type: "EmptyLatentImage", inputs: { width: 640, height: 480, batch_size: 1 } },
      "6": { class_type: "CLIPTextEncode", inputs: { text: "fox", clip: ["4", 1] } },
      "7": { class_type: "CLIPTextEncode", inputs: { text: "blur", clip: ["4", 1] } },
      "9": { class_type: "ControlNetApply", inputs: { conditioning: ["6", 0], strength: 1 } },
    };
    const settings = {
      prompt: "fox",
      negativePrompt: "blur",
      seed: 5,
      steps: 25,
      guidance: 8,
      sampler: "euler",
      model: "sd.safetensors",
      width: 640,
      height: 480,
    };
    const texts = { prompt: JSON.stringify(graph), workflow: "{}" };
    expect(await readRecipe(withTexts(texts))).toMatchObject({
      writer: "comfyui",
      settings,
      texts,
    });
    const webp = await sharp(png)
      .withExif({ IFD0: { Model: `prompt:${JSON.stringify(graph)}` } })
      .webp()
      .toBuffer();
    expect(await readRecipe(webp)).toMatchObject({ writer: "comfyui", settings });
    const circle = { "1": { inputs: { steps: 1, seed: 1, positive: ["1", 0] } } };
    const found = await readRecipe(withTexts({ prompt: JSON.stringify(circle) }));
    expect(found?.settings).toEqual({ seed: 1, steps: 1 });
  });

  it("reads InvokeAI", async () => {
    const metadata = {
      positive_prompt: "boat",
      negative_prompt: "",
      seed: 3,
      steps: 30,
      cfg_scale: 6,
      scheduler: "dpm",
      model: { name: "sdxl", hash: "x" },
      width: 1024,
      height: 512,
    };
    const file = withTexts({ invokeai_metadata: JSON.stringify(metadata) });
    expect(await readRecipe(file)).toMatchObject({
      writer: "invokeai",
      settings: { prompt: "boat", seed: 3, guidance: 6, model: "sdxl", width: 1024, height: 512 },
    });
  });

  it("shows what it does not understand as it is, and nothing where nothing is", async () => {
    const texts = { Comment: "{broken", Software: "Other 1.0", ordo: '{"schemaVersion":99}' };
    expect(await readRecipe(withTexts(texts))).toEqual({
      writer: "unknown",
      settings: {},
      other: {},
      texts,
    });
    expect(await readRecipe(png)).toBeNull();
  });

  it("refuses what is no picture", async () => {
    await expect(readRecipe(Buffer.from("words"), "a.png")).rejects.toThrow(
      "a.png: expected a picture (PNG, JPEG, WebP, GIF, AVIF, TIFF or SVG), got text",
    );
    await expect(readRecipeFile("none.png")).rejects.toThrow(/got no such file/);
    await withFolder(async (folder) => {
      await writeFile(join(folder, "a.png"), png.subarray(0, 50));
      await expect(readRecipeFile(join(folder, "a.png"))).rejects.toThrow(DataError);
    });
  });
});

describe("exifTexts", () => {
  it("takes any bytes without failing", () => {
    const whole = unicodeComment("words", "II");
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, end) => {
        const damaged = Buffer.from(whole);
        damaged[at] = byte;
        expect(typeof exifTexts(damaged.subarray(0, end))).toBe("object");
      }),
      { seed: 1, numRuns: 500 },
    );
    expect(exifTexts(new Uint8Array())).toEqual({});
  });
});

/** An EXIF block whose only text is a UserComment in UTF-16. */
function unicodeComment(text: string, order: "II" | "MM"): Buffer {
  const utf16 = Buffer.from(text, "utf16le");
  if (order === "MM") utf16.swap16();
  const comment = Buffer.concat([Buffer.from("UNICODE\0"), utf16]);
  const block = Buffer.alloc(44);
  const put16 = (value: number, at: number) =>
    order === "II" ? block.writeUInt16LE(value, at) : block.writeUInt16BE(value, at);
  const put32 = (value: number, at: number) =>
    order === "II" ? block.writeUInt32LE(value, at) : block.writeUInt32BE(value, at);
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    put16(tag, at);
    put16(type, at + 2);
    put32(count, at + 4);
    put32(value, at + 8);
  };
  block.write(order, "latin1");
  put16(42, 2);
  put32(8, 4);
  put16(1, 8);
  entry(10, 0x8769, 4, 1, 26);
  put16(1, 26);
  entry(28, 0x9286, 7, comment.length, 44);
  return Buffer.concat([block, comment]);
}
