import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  moduleOf,
  type OfficialDict,
  stateDictOf,
} from "../../../test/checkpoints/official-files.ts";
import { Call, type Picklable } from "../../../test/checkpoints/pickle-writer.ts";
import { type Storages, writeTorchFile } from "../../../test/checkpoints/torch-file.ts";
import { noisePicture } from "../../../test/data/fixtures.ts";
import { readModelFolder } from "../../checkpoints/model-folder.ts";
import { officialVarNames } from "../../checkpoints/official-var.ts";
import { parityWeights, readParityCase } from "../../checkpoints/parity-case.ts";
import { writeSafetensors } from "../../checkpoints/safetensors.ts";
import { toFloat32 } from "../../checkpoints/tensor-data.ts";
import { fromFloat16Bits, toFloat16Bits } from "../../half.ts";
import { writePicture } from "../../images/write.ts";
import { runCaptured } from "../captured.ts";

/** The tiny case of the official code: 64×64 pixels, ten classes, four maps. */
const official = parityWeights(await readParityCase("test/golden/var-tiny"));
const transformer = stateDictOf(moduleOf(official, "var"), "v");
const tokenizer = stateDictOf(moduleOf(official, "vqvae"), "t");

let folder: string;
const path = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-convert-"));
  await write("var.pth", transformer);
  await write("vae.pth", tokenizer);
});
afterAll(() => rm(folder, { recursive: true }));

function write(name: string, { value, storages }: { value: Picklable; storages: Storages }) {
  return writeTorchFile(path(name), value, storages);
}

async function converting(...words: string[]) {
  const { code, stdout, stderr } = await runCaptured(["convert", ...words, "-q"]);
  return { code, stdout, stderr: stderr.replaceAll(`${folder}/`, "") };
}

// the case's files have no level buffer and no published schedule
const scales = ["--scales", "1,2,3,4"];

describe("ordo convert", () => {
  it("writes a model folder that draws, with every weight as it was", async () => {
    const out = path("tiny");
    const { code, stdout } = await converting(
      path("var.pth"),
      path("vae.pth"),
      "-o",
      out,
      ...scales,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${out}: var, 5.0 M parameters\n` });
    const model = await readModelFolder(out);
    const stored = [...(await model.readWeights())];
    for (const [name, tensor] of (await model.readTokenizer())!)
      stored.push([`tokenizer.${name}`, tensor]);
    expect(stored.length).toBe(official.size);
    for (const [name, tensor] of stored) {
      const wanted = official.get(officialVarNames.toOfficial(name)!)!;
      expect([tensor.dtype, tensor.shape]).toEqual(["float32", wanted.shape]);
      expect(Buffer.from(tensor.data.buffer).equals(Buffer.from(wanted.data.buffer))).toBe(true);
    }
    expect(model.config).toMatchObject({
      system: "var",
      parts: { depth: 2, heads: 4, width: 128, conditioning: { classes: 10 } },
      convertedFrom: [{ file: "var.pth" }, { file: "vae.pth" }],
    });
    const drawn = await runCaptured([
      "generate",
      "-m",
      out,
      "--class",
      "3",
      "-o",
      path("a.png"),
      "-q",
    ]);
    expect(drawn.stderr).toBe("");
    expect((await readFile(path("a.png"))).subarray(1, 4).toString()).toBe("PNG");
  });

  it("halves the transformer and leaves the tokenizer", async () => {
    const out = path("half");
    await converting(path("vae.pth"), path("var.pth"), "-o", out, "--weights", "fp16", ...scales);
    const model = await readModelFolder(out);
    const weights = await model.readWeights();
    expect(new Set([...weights.values()].map(({ dtype }) => dtype))).toEqual(new Set(["float16"]));
    const name = "head.logits.weight";
    expect([...toFloat32(weights.get(name)!)]).toEqual([
      ...fromFloat16Bits(toFloat16Bits(toFloat32(official.get("var.head.weight")!))),
    ]);
    expect((await model.readTokenizer())!.get("quantizer.codebook")!.dtype).toBe("float32");
  });

  it("takes both parts of a training file, and of several dicts the one that is named", async () => {
    const value = (parts: Record<string, OfficialDict["value"]>) => ({
      trainer: parts,
      args: new Call("argparse.Namespace", [], { depth: 2 }),
    });
    const storages = { ...transformer.storages, ...tokenizer.storages };
    const both = { var_wo_ddp: transformer.value, vae_local: tokenizer.value };
    await write("last.pth", { value: value(both), storages });
    const alone = await converting(path("last.pth"), "-o", path("last"), ...scales);
    expect(alone.code).toBe(0);
    await write("ema.pth", {
      value: { model: transformer.value, ema: transformer.value },
      storages: transformer.storages,
    });
    const words = [path("ema.pth"), path("vae.pth"), "-o", path("ema"), ...scales];
    expect((await converting(...words)).stderr).toContain(
      "ema.pth: expected one transformer, got two: ema.pth (model) and ema.pth (ema)",
    );
    expect((await converting(...words, "--key", "ema")).code).toBe(0);
  });

  it("takes safetensors in bfloat16 as well", async () => {
    const bits = new Map(
      [...moduleOf(official, "var")].map(([name, { shape, data }]) => {
        const upper = new Uint16Array(data.buffer.slice(0)).filter((_, i) => i % 2 === 1);
        return [name, { dtype: "bfloat16" as const, shape, data: upper }];
      }),
    );
    await writeSafetensors(path("var.safetensors"), bits);
    const words = [path("var.safetensors"), path("vae.pth"), "-o", path("bf16"), ...scales];
    expect((await converting(...words)).code).toBe(0);
    const weights = await (await readModelFolder(path("bf16"))).readWeights();
    const [got, wanted] = [weights.get("positions")!, official.get("var.pos_1LC")!];
    expect(got.dtype).toBe("float32");
    const error = toFloat32(got).map((value, i) => value - toFloat32(wanted)[i]!);
    expect(Math.max(...error.map(Math.abs))).toBeLessThan(0.01);
  });

  it("lists wrong, missing and surplus keys of both files in one error", async () => {
    const { "head.weight": _, ...fewer } = transformer.value;
    const wrong = {
      ...fewer,
      pos_start: transformer.value.pos_1LC!,
      "head.extra": fewer.pos_start!,
    };
    await write("wrong.pth", { value: wrong, storages: transformer.storages });
    const { "decoder.conv_out.bias": __, ...cut } = tokenizer.value;
    await write("cut.pth", { value: cut, storages: tokenizer.storages });
    const { code, stderr } = await converting(
      path("wrong.pth"),
      path("cut.pth"),
      "-o",
      path("no"),
      ...scales,
    );
    expect(code).toBe(1);
    expect(stderr.split("\n")[0]).toBe(
      "error: cut.pth: expected the keys of the official checkpoint, got 1 missing: decoder.conv_out.bias; " +
        "wrong.pth: 1 missing: head.weight; 1 wrong: pos_start [1, 30, 128] instead of [1, 1, 128]; " +
        "1 surplus: head.extra",
    );
  });

  it("asks for what is missing, and keeps what is there", async () => {
    const alone = await converting(path("var.pth"), "-o", path("no"), ...scales);
    expect(alone.stderr).toContain("expected a tokenizer beside the transformer, got none");
    const unsized = await converting(path("var.pth"), path("vae.pth"), "-o", path("no"));
    expect(unsized.stderr).toContain("got 4 maps with 30 tokens together");
    expect(unsized.stderr).toContain("--scales 1,2,3,4");
    await write("other.pth", {
      value: { a: transformer.value.pos_start! },
      storages: transformer.storages,
    });
    const other = await converting(path("other.pth"), "-o", path("no"));
    expect(other.stderr).toContain(
      "expected a transformer or tokenizer of var, llamagen, mar by its official names",
    );
    await converting(path("vae.pth"), "-o", path("tokenizer"), ...scales);
    const again = await converting(path("vae.pth"), "-o", path("tokenizer"), ...scales);
    expect([again.code, again.stderr.split("\n")[0]]).toEqual([
      2,
      "error: --output: expected a new folder, got tokenizer, which holds a model",
    ]);
  });

  it("makes a tokenizer's folder of a tokenizer alone", async () => {
    const out = path("alone");
    await converting(path("vae.pth"), "-o", out, ...scales);
    expect((await readModelFolder(out)).config.system).toBe("scale-tokenizer");
    await writePicture(noisePicture(1, 64), path("noise.png"));
    const { code } = await runCaptured([
      "reconstruct",
      path("noise.png"),
      "-m",
      out,
      "-o",
      path("b.png"),
      "-q",
    ]);
    expect(code).toBe(0);
  });
});
