import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openParityTensors, parityWeights, readParityCase } from "./parity-case.ts";
import { elementCount } from "./tensor-data.ts";

const golden = (name: string) => new URL(`../../test/golden/${name}`, import.meta.url).pathname;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ordo-case-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a parity case", () => {
  it.each(["var-tiny", "var-shared-adaln", "var-10-scales"])(
    "%s has as many weights as the official model has parameters",
    async (name) => {
      const parity = await readParityCase(golden(name));
      const weights = parityWeights(parity);
      const count = (module: string) =>
        [...weights]
          .filter(([key]) => key.startsWith(`${module}.`))
          .reduce((sum, [, { data }]) => sum + data.length, 0);
      expect({ var: count("var"), vqvae: count("vqvae") }).toEqual(parity.settings.parameters);
      expect([parity.name, parity.system]).toEqual([name, "var"]);
    },
  );

  it("opens its inputs and reference outputs", async () => {
    const tensors = await openParityTensors(await readParityCase(golden("var-tiny")));
    const image = await tensors.read("image");
    const ids = await tensors.read("ids.3");
    await tensors.close();
    expect([image.dtype, image.shape, image.data.length]).toEqual([
      "float32",
      [2, 3, 64, 64],
      elementCount([2, 3, 64, 64]),
    ]);
    expect([ids.dtype, ids.shape]).toEqual(["int64", [2, 16]]);
  });

  it("is refused with all fields that do not fit", async () => {
    await cp(golden("var-tiny"), folder, { recursive: true });
    await writeFile(join(folder, "case.json"), '{"system": 3, "source": "", "seed": 0.5}');
    await expect(readParityCase(folder)).rejects.toThrow(/system: .*; seed: .*; weights: /);
    await expect(readParityCase(join(folder, "none"))).rejects.toThrow(
      "case.json: expected a JSON file, got no such file. A case is a folder with case.json",
    );
  });
});
