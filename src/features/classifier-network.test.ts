import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyClassifier } from "../../test/models/tiny-classifier.ts";
import type { Picture } from "../images/picture.ts";
import { resizePicture } from "../images/resize.ts";
import { random } from "../random/random.ts";
import { type Device, openDevice } from "../runtime/device.ts";
import { readClassifier, writeClassifier } from "./classifier-folder.ts";
import { openFeatureNetwork, openPerceptualNetwork } from "./open-network.ts";

let run: string;
let device: Device;
beforeAll(async () => {
  device = await openDevice("cpu");
  run = await mkdtemp(join(tmpdir(), "ordo-classifier-"));
  const { config, parameters } = tinyClassifier();
  await writeClassifier(join(run, "model"), config, parameters);
});
afterAll(() => rm(run, { recursive: true }));

function noise(seed: number, width: number, height = width): Picture {
  const uniforms = random(1, "noise", seed).uniforms(width * height * 3);
  return { width, height, data: Uint8Array.from(uniforms, (u) => u * 256) };
}

describe("a trained classifier as a feature network", () => {
  it("is found in the folder of its run and named by data, sizes and weights", async () => {
    const { hash } = await readClassifier(join(run, "model"));
    const network = await openFeatureNetwork(device, run);
    expect(network.name).toBe(`noise-small-resnet-D6-${hash.slice(0, 8)}`);
    expect(network).toMatchObject({ isInception: false, width: 6, classes: 3 });
    expect(network.preprocessing).toBe("Lanczos to 16x16, middle cropped");
    await network.close();
  });

  it("gives every picture a row, the same in any company and after its own resize", async () => {
    const network = await openFeatureNetwork(device, run);
    const pictures = Array.from({ length: 70 }, (_, i) =>
      i % 3 === 0 ? noise(i, 24, 20) : noise(i, 16),
    );
    const { features, logits } = await network.features(pictures);
    expect([features.count, features.width]).toEqual([70, 6]);
    expect([logits.count, logits.width]).toEqual([70, 3]);
    const alone = await network.features([await resizePicture(pictures[66]!, 16)]);
    expect(Math.max(...alone.features.values)).toBeGreaterThan(0);
    alone.features.values.forEach((value, d) => {
      expect(features.values[66 * 6 + d]).toBeCloseTo(value, 5);
    });
    const { features: none } = await network.features([]);
    expect(none.count).toBe(0);
    await network.close();
  });
});

describe("a trained classifier as a perceptual network", () => {
  it("compares pictures at their own sizes, by the formula with uniform weights", async () => {
    const network = await openPerceptualNetwork(device, run);
    expect(network.name).toMatch(/^PercDist\[noise-small-resnet-D6-[0-9a-f]{8}\]$/);
    const first = [noise(1, 16), noise(2, 16), noise(3, 40, 30)];
    const distances = await network.distances(first, [first[0]!, first[0]!, noise(4, 40, 30)]);
    expect(distances[0]).toBe(0);
    expect(distances[1]).toBeGreaterThan(0);
    expect(distances[2]).toBeGreaterThan(0);
    const turned = await network.distances([first[0]!], [first[1]!]);
    expect(turned[0]! / distances[1]!).toBeCloseTo(1, 5);
    await network.close();
  });
});

describe("networks that are not there", () => {
  it("are called unavailable where they are FID's, with the file and its keys", async () => {
    for (const name of ["FID", "inception", "inception-v3-2015"]) {
      await expect(openFeatureNetwork(device, name)).rejects.toThrow(
        /^unavailable: FID: .*pt_inception-2015-12-05-6726825d.pth.*Mixed_5b.branch1x1.conv.weight/,
      );
    }
    const missing = join(run, "pt_inception-2015-12-05-6726825d.pth");
    await expect(openFeatureNetwork(device, missing)).rejects.toThrow(/no such file/);
  });

  it("are refused where they are no classifiers", async () => {
    await expect(openFeatureNetwork(device, "emoji-var")).rejects.toThrow(
      /arch: expected "small-resnet" or "small-convnet".*A classifier is a folder with config.json and model.safetensors/,
    );
  });
});
