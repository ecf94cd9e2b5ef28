import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyDict, type OfficialDict } from "../../test/checkpoints/official-files.ts";
import { writeTorchFile } from "../../test/checkpoints/torch-file.ts";
import { withFolder } from "../../test/data/fixtures.ts";
import type { NameMap } from "../checkpoints/name-map.ts";
import { officialLlamaGenNames } from "../checkpoints/official-llamagen.ts";
import { officialMarNames } from "../checkpoints/official-mar.ts";
import { officialVarNames } from "../checkpoints/official-var.ts";
import type { AnySystem } from "../systems/index.ts";
import { systemNamed } from "../systems/index.ts";
import { modelParameters } from "../systems/model-parameters.ts";
import { openOfficialModel } from "./open-parts.ts";

/** The two state dicts of a published model, and what stands beside them in their files. */
function official(system: AnySystem, preset: string, names: NameMap, [first, second]: string[]) {
  const config = (system.presets as Record<string, never>)[preset]!;
  const { transformer, tokenizer } = modelParameters(system.compose(config, {}));
  return {
    config: config as object,
    transformer: emptyDict(transformer, names, first!),
    tokenizer: emptyDict(tokenizer, names, second!),
  };
}

const varNames = ["d16-256", "d20-256", "d24-256", "d30-256", "d36s-512"];
const llamaGenFiles = {
  "b-256": "c2i_B_256.pt",
  "b-384": "c2i_B_384.pt",
  "l-256": "c2i_L_256.pt",
  "l-384": "c2i_L_384.pt",
  "xl-384": "c2i_XL_384.pt",
  "xxl-384": "c2i_XXL_384.pt",
  "3b-384": "c2i_3B_384.pt",
  "t2i-xl-256": "t2i_XL_stage1_256.pt",
  "t2i-xl-512": "t2i_XL_stage2_512.pt",
};

/** Dicts as the official training wrote them. */
const inModel = ({ value }: OfficialDict) => ({ model: value, steps: 10 });

describe("official files of full size", () => {
  // the exact counts of the paper's code: transformer and tokenizer together
  it.each(varNames)("var %s is told from its keys and shapes, and every key fits", async (name) => {
    const system = systemNamed("var", "test");
    const { config, ...dicts } = official(system, name, officialVarNames, ["var.", "vqvae."]);
    await withFolder(async (folder) => {
      const paths = [join(folder, "var.pth"), join(folder, "vae.pth")] as const;
      const { transformer, tokenizer } = dicts;
      await writeTorchFile(paths[0], transformer.value, transformer.storages, { zip64: true });
      await writeTorchFile(paths[1], tokenizer.value, tokenizer.storages);
      const before = process.memoryUsage().rss;
      const { release, files, close } = await openOfficialModel(paths);
      const matched = await release.match(files, {});
      expect(matched.preset).toBe(name);
      expect({ ...matched.parts, gainInit: 0 }).toEqual({ ...config, gainInit: 0 });
      const { entries, read } = matched.sources[1]!;
      expect((await read("startPosition")).data.length).toBe((config as { width: number }).width);
      expect(entries.length).toBe(Object.keys(transformer.value).length);
      await close();
      expect((await stat(paths[0])).size).toBeGreaterThan(1.2e9);
      expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
    });
  });

  it.each(Object.entries(llamaGenFiles))(
    "llamagen %s is told from its keys, shapes and the name %s",
    async (name, file) => {
      const system = systemNamed("llamagen", "test");
      const { config, transformer, tokenizer } = official(system, name, officialLlamaGenNames(5), [
        "gpt.",
        "vq.",
      ]);
      await withFolder(async (folder) => {
        const paths = [join(folder, "vq_ds16_c2i.pt"), join(folder, file)] as const;
        await writeTorchFile(paths[0], inModel(tokenizer), tokenizer.storages);
        // the two largest are bare state dicts
        const bare = /_(XXL|3B)_/.test(file);
        const value = bare ? transformer.value : inModel(transformer);
        await writeTorchFile(paths[1], value, transformer.storages, { zip64: true });
        const { release, files, close } = await openOfficialModel(paths);
        const { preset, parts, accepts } = await release.match(files, {});
        await close();
        expect({ preset, parts }).toEqual({ preset: name, parts: config });
        expect(accepts).toBe(name.startsWith("t2i") ? "features" : "classes");
      });
    },
  );

  it.each(["b-256", "l-256", "h-256", "l-512"])(
    "mar %s is told from its keys and shapes, by its averaged weights",
    async (name) => {
      const system = systemNamed("mar", "test");
      const { config, transformer, tokenizer } = official(system, name, officialMarNames, [
        "mar.",
        "vae.",
      ]);
      await withFolder(async (folder) => {
        const paths = [join(folder, "checkpoint-last.pth"), join(folder, "kl16.ckpt")] as const;
        const { value } = transformer;
        const training = { model: value, model_ema: value, epoch: 400 };
        await writeTorchFile(paths[0], training, transformer.storages, { zip64: true });
        await writeTorchFile(paths[1], { model: tokenizer.value }, tokenizer.storages);
        const { release, files, close } = await openOfficialModel(paths);
        const { preset, parts } = await release.match(files, {});
        expect(files.transformer!.key).toBe("model_ema");
        await close();
        expect({ preset, parts }).toEqual({ preset: name, parts: config });
      });
    },
  );
});
