/** A model that is written and read again is the same model. */
import { afterAll, describe, expect, test } from "vitest";
import { writeModelFolder } from "../../src/checkpoints/model-folder.ts";
import { float32Tensor, type TensorMap } from "../../src/checkpoints/tensor-data.ts";
import { ConfigError } from "../../src/errors.ts";
import type { ParameterSpecs } from "../../src/nn/layer.ts";
import type { Device } from "../../src/runtime/device.ts";
import { VOCABULARY_FILE } from "../../src/systems/assemble.ts";
import { load } from "../../src/systems/load.ts";
import { Model, type ModelStep } from "../../src/systems/model.ts";
import { modelParameters, TOKENIZER_PREFIX } from "../../src/systems/model-parameters.ts";
import { noisePicture, withFolder } from "../data/fixtures.ts";
import { compose, type TinySystem, wildModel } from "./tiny-systems.ts";

const facts = {
  name: "tiny",
  system: "tiny",
  title: "tiny",
  parameters: 0,
  weightHash: Promise.resolve("none"),
  weights: "fp32",
  ordoVersion: "0",
} as const;

export function storageSuite(device: Device, system: TinySystem): void {
  const { name, parts, vocabulary } = system;
  describe(`${name}, saved and loaded`, () => {
    const composition = compose(system);
    const parameters = wildModel(composition);
    const settings = { ...composition.decoding, guidance: composition.guidance };
    const options = { seed: 3, index: 2, guidance: 2, topK: 20, topP: 0.9, temperature: 0.8 };
    const [request] = system.requests;

    const original = new Model(device, facts, composition, { parameters }, settings);
    afterAll(() => original.close());

    async function write(folder: string): Promise<void> {
      const specs = modelParameters(composition);
      await writeModelFolder(folder, {
        config: {
          format: 1,
          system: system.system,
          parts: JSON.parse(JSON.stringify(parts)) as Record<string, never>,
        },
        weights: tensors(specs.transformer, parameters),
        tokenizer: tensors(specs.tokenizer, parameters, TOKENIZER_PREFIX),
        ...(vocabulary && {
          json: { [VOCABULARY_FILE]: JSON.parse(JSON.stringify(vocabulary)) as never },
        }),
      });
    }

    async function tokensOf(model: Model): Promise<Int32Array[]> {
      const ids: Int32Array[] = [];
      await model.draw(request, options, (step: ModelStep) => {
        if (step.ids) ids.push(step.ids);
      });
      return ids;
    }

    test("draws the same tokens and the same picture, exactly", async () => {
      await withFolder(async (folder) => {
        await write(folder);
        const loaded = await load(folder, device);
        expect(await tokensOf(loaded)).toEqual(await tokensOf(original));
        const wanted = await original.draw(request, options);
        expect((await loaded.draw(request, options)).picture).toEqual(wanted.picture);
        const { width, height } = loaded.size;
        const picture = noisePicture(4, width, height);
        expect(await loaded.tokenize(picture)).toEqual(await original.tokenize(picture));
        await loaded.close();
      });
    });

    test("picture i of a seed is the single picture of seed + i", async () => {
      const run = await original.draw(request, { seed: 5, index: 3 });
      const single = await original.draw(request, { seed: 8 });
      expect(run.picture).toEqual(single.picture);
    });

    test("smooth pictures say so in their recipe, or are refused", async () => {
      if (composition.base !== "next-scale") {
        const smooth = original.draw(request, { ...options, smooth: true });
        await expect(smooth).rejects.toThrow(ConfigError);
        return;
      }
      const { recipe } = await original.draw(request, { ...options, smooth: true });
      expect(recipe.sampling).toEqual({ smooth: true });
      expect((await original.draw(request, options)).recipe.sampling).toBeUndefined();
    });
  });
}

function tensors(
  specs: ParameterSpecs,
  parameters: ReadonlyMap<string, Float32Array>,
  prefix = "",
): TensorMap {
  return new Map(
    [...specs].map(([path, { shape }]) => [
      path.slice(prefix.length),
      float32Tensor(shape, parameters.get(path)!),
    ]),
  );
}
