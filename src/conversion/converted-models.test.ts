/** Tiny models of the official code: from their files to pictures, and what is refused on the way. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { moduleOf, type OfficialDict, stateDictOf } from "../../test/checkpoints/official-files.ts";
import { writeTorchFile } from "../../test/checkpoints/torch-file.ts";
import { wildParameters } from "../../test/conformance/tiny-systems.ts";
import { noisePicture } from "../../test/data/fixtures.ts";
import { readModelFolder } from "../checkpoints/model-folder.ts";
import type { NameMap } from "../checkpoints/name-map.ts";
import { officialLlamaGenNames } from "../checkpoints/official-llamagen.ts";
import { officialLlamaGenSettings } from "../checkpoints/official-llamagen-settings.ts";
import { officialMarNames } from "../checkpoints/official-mar.ts";
import { officialMarSettings } from "../checkpoints/official-mar-settings.ts";
import { parityWeights, readParityCase } from "../checkpoints/parity-case.ts";
import { float32Tensor, type TensorMap } from "../checkpoints/tensor-data.ts";
import { runCaptured } from "../cli/captured.ts";
import type { Request } from "../conditioning/conditioning.ts";
import { readPicture } from "../images/read.ts";
import { writePicture } from "../images/write.ts";
import { officialLlamaGenConfig } from "../parity/official-llamagen-config.ts";
import { officialMarConfig } from "../parity/official-mar-config.ts";
import { officialParameters } from "../parity/official-weights.ts";
import { openDevice } from "../runtime/device.ts";
import { baseOf } from "../systems/bases.ts";
import { llamaGenSystem } from "../systems/llamagen.ts";
import { load } from "../systems/load.ts";
import { marSystem } from "../systems/mar.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import type { Composition } from "../systems/system.ts";
import { tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import { type TokenizerOptions, tokenizerOf } from "../tokenizers/tokenizer.ts";
import { convertModel } from "./convert-model.ts";
import { openOfficialModel } from "./open-parts.ts";
import type { SaidSizes } from "./release.ts";

const device = await openDevice("cpu", { threads: 1 });

let folder: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-converted-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function golden(name: string) {
  const parity = await readParityCase(`test/golden/${name}`);
  return { parity, official: parityWeights(parity) };
}

async function write(name: string, dict: OfficialDict, wrap = "model"): Promise<string> {
  const value = wrap === "" ? dict.value : { [wrap]: dict.value, epoch: 3 };
  await writeTorchFile(path(name), value, dict.storages);
  return path(name);
}

/** Pixels [3, H, W] of one drawing by the parts alone, without a folder in between. */
async function drawnDirectly(
  composition: Composition,
  official: TensorMap,
  names: NameMap,
  request: Request,
): Promise<Float32Array> {
  const { transformer, tokenizer } = modelParameters(composition);
  const specs = new Map([...transformer, ...tokenizer]);
  const parameters = await officialParameters({ official, where: "direct" }, specs, names);
  const model = { ...composition, parameters };
  const sampler = await baseOf(model).openSampler(device, model);
  let pixels: Float32Array | undefined;
  const { guidance, decoding } = composition;
  for await (const step of sampler.run({ request, seed: 5, guidance, ...decoding })) {
    if (step.step === step.steps - 1) pixels = await step.pixels();
  }
  await sampler.close();
  return pixels!;
}

async function convertedAndDrawn(
  files: readonly string[],
  said: SaidSizes,
  request: Request,
): Promise<Uint8Array> {
  const model = await openOfficialModel(files);
  const out = `${files[0]}-folder`;
  await convertModel(model, { folder: out, storage: "float32", said });
  await model.close();
  const loaded = await load(out, device);
  const { picture } = await loaded.draw(request, { seed: 5 });
  await loaded.close();
  // not all black or white
  expect(new Set(picture.data).size).toBeGreaterThan(20);
  return picture.data;
}

/** As a picture holds them. */
function bytesOf(pixels: Float32Array): number[] {
  const area = pixels.length / 3;
  return Array.from({ length: pixels.length }, (_, i) =>
    Math.round(127.5 * (pixels[(i % 3) * area + Math.floor(i / 3)]! + 1)),
  );
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
}

/** The two files of a LlamaGen case, and the sizes that no file of an unpublished model tells. */
async function llamaGenFiles(name: string) {
  const { parity, official } = await golden(name);
  const settings = officialLlamaGenSettings(parity);
  const config = officialLlamaGenConfig(settings);
  const files = [
    await write(`${name}-gpt.pt`, stateDictOf(moduleOf(official, "gpt"))),
    await write(`${name}-vq.pt`, stateDictOf(moduleOf(official, "vq"))),
  ];
  const { multipliers, grid } = config.tokenizer;
  const size = grid.height * 2 ** (multipliers.length - 1);
  const said = { heads: config.heads, size };
  return { official, config, files, said, names: officialLlamaGenNames(multipliers.length) };
}

/** The two files of a MAR case, which has no tokenizer of its own, and the number of heads. */
async function marFiles(name: string) {
  const { parity, official: own } = await golden(name);
  const told = officialMarConfig(officialMarSettings(parity));
  const { steps, diffusionSteps, tokenizer: kl16 } = marSystem.presets["b-256"];
  const small = { channels: 32, multipliers: [1, 2], encoderBlocks: 1, decoderBlocks: 2 };
  // the rest is what the official code has for every model
  const tokenizer = { ...told.tokenizer, ...small, latentScale: kl16.latentScale };
  const { count } = tokenSizes(tokenizer);
  const config = { ...told, tokenizer, steps: Math.min(steps, count), diffusionSteps };
  const specs = modelParameters(marSystem.compose(config, {})).tokenizer;
  const official = new Map(own);
  for (const [key, data] of wildParameters(specs, 1)) {
    const { shape } = specs.get(key)!;
    official.set(officialMarNames.toOfficial(key)!, float32Tensor(shape as number[], data));
  }
  const averaged = stateDictOf(moduleOf(official, "mar"), "e");
  const last = stateDictOf(
    new Map(
      [...moduleOf(official, "mar")].map(([key, { shape, data }]) => [
        key,
        float32Tensor(
          shape,
          Float32Array.from(data as Float32Array, (x) => 2 * x),
        ),
      ]),
    ),
    "m",
  );
  await writeTorchFile(
    path(`${name}-last.pth`),
    { model: last.value, model_ema: averaged.value, epoch: 800 },
    { ...last.storages, ...averaged.storages },
  );
  const vae = stateDictOf(moduleOf(official, "vae"));
  const beside = { ...vae.value, "loss.logvar": Object.values(vae.value)[0]! };
  const files = [
    path(`${name}-last.pth`),
    await write(`${name}-kl.ckpt`, { ...vae, value: beside }),
  ];
  return { official, config, files, said: { heads: config.encoder.heads } };
}

describe("converted models draw what their parts draw", () => {
  it("llamagen, of classes", async () => {
    const { official, config, files, said, names } = await llamaGenFiles("llamagen-c2i");
    const composition = llamaGenSystem.compose(config, {});
    const direct = await drawnDirectly(composition, official, names, 3);
    const converted = await convertedAndDrawn(files, said, 3);
    expect(largestDifference(converted, bytesOf(direct))).toBeLessThanOrEqual(1);
    const { config: written } = await readModelFolder(`${files[0]}-folder`);
    expect(written).toMatchObject({ system: "llamagen", parts: config });
  });

  it("llamagen, of captions", async () => {
    const { official, config, files, said, names } = await llamaGenFiles("llamagen-t2i");
    const { conditioning } = config;
    const channels = conditioning.kind === "captions" ? conditioning.channels : 0;
    const caption = { features: Float32Array.from({ length: 2 * channels }, (_, i) => i % 3) };
    const composition = llamaGenSystem.compose(config, {});
    const direct = await drawnDirectly(composition, official, names, caption);
    const converted = await convertedAndDrawn(files, said, caption);
    expect(largestDifference(converted, bytesOf(direct))).toBeLessThanOrEqual(1);
  });

  it.each(["mar-tiny", "mar-nocfg"])("%s, by its averaged weights", async (name) => {
    const { official, config, files, said } = await marFiles(name);
    const composition = marSystem.compose(config, {});
    const direct = await drawnDirectly(composition, official, officialMarNames, 1);
    const converted = await convertedAndDrawn(files, said, 1);
    expect(largestDifference(converted, bytesOf(direct))).toBeLessThanOrEqual(1);
    const { config: written } = await readModelFolder(`${files[0]}-folder`);
    expect(written).toMatchObject({
      system: "mar",
      parts: config,
      convertedFrom: [{ key: "model_ema" }, {}],
    });
  });
});

describe("converting refuses", () => {
  const converting = async (...words: string[]) => {
    const run = await runCaptured(["convert", ...words, "-o", path("none"), "-q"]);
    return { ...run, stderr: run.stderr.replaceAll(`${folder}/`, "") };
  };

  it("wrong, missing and surplus keys of both files, all in one error", async () => {
    const { official } = await llamaGenFiles("llamagen-c2i");
    const gpt = stateDictOf(moduleOf(official, "gpt"));
    const { "norm.weight": norm, ...fewer } = gpt.value;
    const wrong = { ...fewer, "output.weight": norm!, "layers.0.extra": norm! };
    const vq = stateDictOf(moduleOf(official, "vq"));
    const { "decoder.conv_out.bias": _, ...cut } = vq.value;
    const files = [
      await write("wrong.pt", { ...gpt, value: wrong }),
      await write("cut.pt", { ...vq, value: cut }),
    ];
    const { code, stderr } = await converting(...files, "--heads", "4", "--size", "64");
    expect(code).toBe(1);
    expect(stderr.split("\n")[0]).toMatch(
      /^error: cut\.pt: expected the keys of the official checkpoint, got 1 missing: decoder\.conv_out\.bias; wrong\.pt: 1 missing: norm\.weight; 1 wrong: output\.weight \[\d+\] instead of \[\d+, \d+\]; 1 surplus: layers\.0\.extra$/,
    );
  });

  it("the same of a MAR", async () => {
    const { official } = await marFiles("mar-tiny");
    const mar = stateDictOf(moduleOf(official, "mar"));
    const { mask_token: token, "encoder_norm.bias": _, ...fewer } = mar.value;
    const value = { ...fewer, mask_token: fewer.fake_latent!, mask_tokens: token! };
    const file = await write("mar-wrong.pth", { ...mar, value }, "model_ema");
    const { stderr } = await converting(file, path("mar-tiny-kl.ckpt"), "--heads", "4");
    expect(stderr.split("\n")[0]).toMatch(
      /^error: mar-wrong\.pth: .* got 1 missing: encoder_norm\.bias; 1 wrong: mask_token \[1, \d+\] instead of \[1, 1, \d+\]; 1 surplus: mask_tokens$/,
    );
  });

  it("to guess what no file tells", async () => {
    const { files } = await llamaGenFiles("llamagen-c2i");
    const sizeless = await converting(...files);
    expect(sizeless.code).toBe(1);
    expect(sizeless.stderr).toContain("got a file that does not tell them");
    expect(sizeless.stderr).toContain("--size 256");
    const headless = await converting(...files, "--size", "64");
    expect(headless.stderr).toContain("--heads 12");
    const idle = await converting(...files, "--scales", "1,2");
    expect(idle.code).toBe(2);
    expect(idle.stderr).toContain("--scales: means nothing to files of llamagen");
  });

  it("parts of two systems, and a tokenizer of other latents", async () => {
    await llamaGenFiles("llamagen-c2i");
    await marFiles("mar-tiny");
    const mixed = await converting(path("mar-tiny-last.pth"), path("llamagen-c2i-vq.pt"));
    expect(mixed.code).toBe(1);
    expect(mixed.stderr).toContain(
      "llamagen-c2i-vq.pt: expected files of one system, got the transformer of a mar (mar-tiny-last.pth) and the tokenizer of a llamagen (llamagen-c2i-vq.pt)",
    );
    const size = await converting(
      path("mar-tiny-last.pth"),
      path("mar-tiny-kl.ckpt"),
      "--size",
      "512",
    );
    expect(size.stderr).toMatch(
      /--size: expected \d+, as the transformer has positions for, got 512/,
    );
  });
});

it("what was converted edits pictures, of vectors and of codes", async () => {
  const edits = async (name: string) => {
    const { parts } = (await readModelFolder(path(name))).config;
    const { size } = tokenizerOf(parts.tokenizer as unknown as TokenizerOptions);
    const photo = path(`${name}.png`);
    const picture = noisePicture(3, size.width, size.height);
    await writePicture(picture, photo);
    const out = path(`${name}-edited.png`);
    const run = await runCaptured(
      ["edit", photo, "--class", "1", "--mask-rect", "0,50%,100%,50%", "-s", "4"].concat([
        "-m",
        path(name),
        "-o",
        out,
        "-q",
      ]),
    );
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
    const edited = await readPicture(out);
    const upper = 3 * size.width * (size.height / 2 - 2);
    expect(edited.data.subarray(0, upper)).toEqual(picture.data.subarray(0, upper));
    expect(edited.data.subarray(upper)).not.toEqual(picture.data.subarray(upper));
  };
  await edits("mar-tiny-last.pth-folder");
  await edits("llamagen-c2i-gpt.pt-folder");
});

it("tokenizers alone become folders of their own", async () => {
  await llamaGenFiles("llamagen-c2i");
  await marFiles("mar-tiny");
  for (const [file, kind] of [
    ["llamagen-c2i-vq.pt", "vq"],
    ["mar-tiny-kl.ckpt", "kl"],
  ] as const) {
    const out = path(`alone-${kind}`);
    const { code } = await runCaptured(["convert", path(file), "--size", "64", "-o", out, "-q"]);
    expect(code).toBe(0);
    const { config } = await readModelFolder(out);
    expect(config.parts).toMatchObject({ kind });
  }
});
