import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stateDictOf } from "../../test/checkpoints/official-files.ts";
import { writeTorchFile } from "../../test/checkpoints/torch-file.ts";
import { float32Tensor, type TensorData } from "../checkpoints/tensor-data.ts";
import { CheckpointError, ShapeError } from "../errors.ts";
import type { Picture } from "../images/picture.ts";
import { countParameters, initialize } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { type Device, openDevice } from "../runtime/device.ts";
import { lpipsSpecs } from "./lpips.ts";
import { lpipsTrunks } from "./lpips-trunks.ts";
import { openPerceptualNetwork } from "./open-network.ts";

const [alex, vgg] = lpipsTrunks.map((trunk) => lpipsSpecs(trunk));

let root: string;
let device: Device;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ordo-lpips-"));
  device = await openDevice("cpu");
});
afterAll(() => rm(root, { recursive: true }));

async function write(name: string, tensors: ReadonlyMap<string, TensorData>): Promise<string> {
  const { value, storages } = stateDictOf(tensors);
  await writeTorchFile(join(root, name), value, storages);
  return join(root, name);
}

function tensors(prefix: string): Map<string, TensorData> {
  const values = initialize(alex!, 1);
  const named = [...alex!].filter(([name]) => name.startsWith(prefix));
  return new Map(named.map(([name, { shape }]) => [name, float32Tensor(shape, values.get(name)!)]));
}

function noise(seed: number, side: number): Picture {
  const uniforms = random(1, "noise", seed).uniforms(side * side * 3);
  return { width: side, height: side, data: Uint8Array.from(uniforms, (u) => u * 256) };
}

describe("the trunks of LPIPS", () => {
  it("have the parameters of torchvision's convolutions and one weight per compared channel", () => {
    const count = (specs: typeof alex, prefix: string) =>
      countParameters(new Map([...specs!].filter(([name]) => name.startsWith(prefix))));
    expect(count(alex, "features.")).toBe(2_469_696);
    expect(count(vgg, "features.")).toBe(14_714_688);
    expect(count(alex, "lin")).toBe(64 + 192 + 384 + 256 + 256);
    expect(count(vgg, "lin")).toBe(64 + 128 + 256 + 512 + 512);
    expect([...alex!.keys()].filter((name) => name.endsWith("weight"))).toEqual([
      ...[0, 3, 6, 8, 10].map((n) => `features.${n}.weight`),
      ...[0, 1, 2, 3, 4].map((n) => `lin${n}.model.1.weight`),
    ]);
  });
});

describe("LPIPS from files", () => {
  it("is 0 between equal pictures, and takes pairs of several sizes in their order", async () => {
    const classifier: [string, TensorData] = [
      "classifier.1.weight",
      float32Tensor([2], new Float32Array(2)),
    ];
    const trunk = await write("alexnet.pth", new Map([...tensors("features."), classifier]));
    const heads = await write("alex.pth", tensors("lin"));
    const network = await openPerceptualNetwork(device, { trunk, heads });
    expect(network.name).toBe("LPIPS[alex]");
    const first = [noise(1, 64), noise(2, 40), noise(3, 64)];
    const second = [noise(1, 64), noise(4, 40), noise(5, 64)];
    const distances = await network.distances(first, second);
    expect(distances[0]).toBe(0);
    expect(distances[1]).toBeGreaterThan(0);
    const turned = await network.distances([second[2]!], [first[2]!]);
    expect(turned[0]! / distances[2]!).toBeCloseTo(1, 5);
    await expect(network.distances(first, second.slice(1))).rejects.toThrow(ShapeError);
    await expect(network.distances([noise(1, 64)], [noise(1, 40)])).rejects.toThrow(
      "LPIPS[alex]: pair 0: expected two pictures of 64x64, got 40x40",
    );
    await network.close();
  });

  it("is refused with all that does not fit in one error", async () => {
    const damaged = tensors("features.");
    damaged.delete("features.3.bias");
    damaged.set("features.8.bias", float32Tensor([1], new Float32Array(1)));
    const trunk = await write("damaged.pth", damaged);
    const opening = openPerceptualNetwork(device, { trunk, heads: trunk });
    await expect(opening).rejects.toThrow(
      /1 missing: features.3.bias; 1 wrong: features.8.bias \[1\] instead of \[256\]/,
    );
    const other = await write("other.pth", tensors("lin"));
    await expect(openPerceptualNetwork(device, { trunk: other, heads: other })).rejects.toThrow(
      /features.0.weight \[64, 3, 11, 11\] \(alex\) or \[64, 3, 3, 3\] \(vgg\), got no such tensor/,
    );
  });

  it("is called unavailable without them", async () => {
    const opening = openPerceptualNetwork(device, "lpips");
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(/^unavailable: LPIPS: .*lin0.model.1.weight/);
  });
});
