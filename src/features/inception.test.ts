import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stateDictOf } from "../../test/checkpoints/official-files.ts";
import { writeTorchFile } from "../../test/checkpoints/torch-file.ts";
import { convOf } from "../../test/ops/cases/convolution.ts";
import { evaluate } from "../../test/ops/evaluate.ts";
import { elementCount, float32Tensor, type TensorData } from "../checkpoints/tensor-data.ts";
import { sourceOf } from "../checkpoints/tensor-file.ts";
import { CheckpointError } from "../errors.ts";
import { input } from "../graph/ops/source.ts";
import { initialize, type ParameterSpecs, Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { inceptionInput, traceInception } from "./inception.ts";
import { inceptionFeeds, openInception } from "./inception-network.ts";
import { inceptionUnits } from "./inception-units.ts";
import { foldInception, officialInceptionParameters } from "./inception-weights.ts";
import { runUnits } from "./units.ts";

const { specs } = traceInception().scope;

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ordo-inception-"));
});
afterAll(() => rm(root, { recursive: true }));

describe("Inception-v3 of the FID", () => {
  it("has the published numbers of convolutions and parameters", () => {
    const trained = officialInceptionParameters(specs).filter(
      ({ name }) => !name.includes("running"),
    );
    const count = (keep: (name: string) => boolean) =>
      trained
        .filter(({ name }) => keep(name))
        .reduce((sum, { shape }) => sum + elementCount(shape), 0);
    expect(trained.filter(({ name }) => name.endsWith("conv.weight")).length).toBe(94);
    expect(count((name) => !name.startsWith("fc."))).toBe(21_785_568);
    expect(count(() => true)).toBe(23_850_960);
  });

  it("has the sheet's channels and sides, unit by unit", () => {
    let x = input("x", "float32", [1, 3, 299, 299]);
    const shapes = inceptionUnits.map((unit) => {
      x = runUnits([unit], new Scope(), x);
      return x.shape.slice(1, 3).join("@");
    });
    const stem = "32@149 32@147 64@147 64@73 80@73 192@71 192@35";
    const mixed = "256@35 288@35 288@35 768@17 768@17 768@17 768@17 768@17 1280@8 2048@8 2048@8";
    expect(shapes.join(" ")).toBe(`${stem} ${mixed}`);
  });

  it("pools by the mean without padding before the last block, and there by the largest", async () => {
    const pooled = async (index: number) => {
      const scope = new Scope();
      const y = runUnits([inceptionUnits[index]!], scope, input("x", "float32", [1, 4, 2, 3]));
      const constants = initialize(scope.specs, 1);
      const weight = [...constants].find(([path]) => path.endsWith("branch_pool.weight"))![1];
      weight.fill(0, 0, 4)[0] = 1;
      const x = Float32Array.from({ length: 24 }, (_, i) => i);
      const values = (await evaluate({ y }, { x }, { constants })).y!;
      // the first of the last 192 channels is the pooled first channel of x: 0 1 2 / 3 4 5
      return values.slice(-192 * 6, -191 * 6);
    };
    expect(await pooled(inceptionUnits.length - 2)).toEqual([2, 2.5, 3, 2, 2.5, 3]);
    expect(await pooled(inceptionUnits.length - 1)).toEqual([4, 5, 5, 4, 5, 5]);
  });

  it("gives sFID the first channels of the 1x1 branch of mixed_6, channels last", async () => {
    const { scope, spatial } = traceInception();
    const known = new Scope();
    const side = 20;
    const pixels = input("pixels", "float32", [1, 3, side, side]);
    const rows = input("rows", "float32", [299, side]);
    const columns = input("columns", "float32", [299, side]);
    const until = inceptionUnits.findIndex((unit) => "name" in unit && unit.name === "Mixed_6d");
    const before = runUnits(
      inceptionUnits.slice(0, until),
      known,
      inceptionInput(pixels, rows, columns),
    );
    const unit = { kind: "conv", name: "branch1x1", outputs: 192, kernel: [1, 1] } as const;
    const plain = { ...unit, stride: 1, padding: [0, 0] } as const;
    const branch = runUnits([plain], known.child("Mixed_6d"), before);
    const constants = initialize(scope.specs, 3);
    const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * 53) % 256);
    const feeds = inceptionFeeds([{ width: side, height: side, data }]);
    const got = (await evaluate({ spatial }, feeds, { constants })).spatial!;
    const maps = (await evaluate({ branch }, feeds, { constants })).branch!;
    expect(got.length).toBe(7 * 17 * 17);
    expect(Math.max(...got)).toBeGreaterThan(0);
    got.forEach((value, at) => {
      const [channel, place] = [at % 7, Math.floor(at / 7)];
      expect(value).toBeCloseTo(maps[channel * 17 * 17 + place]!, 4);
    });
  });

  it("sees what TensorFlow 1 makes of a picture, centred at 128", async () => {
    const [width, height] = [5, 3];
    const data = Uint8Array.from({ length: 45 }, (_, i) => (i * 37) % 256);
    const x = inceptionInput(
      input("pixels", "float32", [1, 3, height, width]),
      input("rows", "float32", [299, height]),
      input("columns", "float32", [299, width]),
    );
    const got = (await evaluate({ x }, inceptionFeeds([{ width, height, data }]))).x!;
    const at = (row: number, column: number, channel: number) => {
      const [y, x] = [Math.min(row, height - 1), Math.min(column, width - 1)];
      return data[3 * (y * width + x) + channel]!;
    };
    for (const [row, column, channel] of [
      [0, 0, 0],
      [100, 60, 1],
      [150, 299 - 1, 2],
      [298, 7, 0],
    ] as const) {
      const [y, x] = [(row * height) / 299, (column * width) / 299];
      const [top, left] = [Math.floor(y), Math.floor(x)];
      const along = (line: number) =>
        at(line, left, channel) * (1 - x + left) + at(line, left + 1, channel) * (x - left);
      const byte = along(top) * (1 - y + top) + along(top + 1) * (y - top);
      expect(got[(channel * 299 + row) * 299 + column]).toBeCloseTo((byte - 128) / 128, 5);
    }
  });
});

describe("the published weights", () => {
  const small: ParameterSpecs = new Map(
    [...specs].filter(([path]) => /^(Conv2d_3b_1x1|fc)\./.test(path)),
  );

  it("have their normalisations folded into the convolutions", async () => {
    const official = randomTensors(officialInceptionParameters(small));
    const folded = await foldInception(sourceOf(official), small);
    expect([...folded.keys()].sort()).toEqual([...small.keys()].sort());
    const values = (name: string) => official.get(`Conv2d_3b_1x1.${name}`)!.data as Float32Array;
    const x = { dims: [1, 64, 2, 2], data: random(1, "x").normals(256) };
    const weight = (data: ArrayLike<number>) => ({ dims: [80, 64, 1, 1], data });
    const before = convOf(x, weight(values("conv.weight")), undefined, {});
    const bias = { dims: [80], data: folded.get("Conv2d_3b_1x1.bias")! };
    const after = convOf(x, weight(folded.get("Conv2d_3b_1x1.weight")!), bias, {});
    after.forEach((value, i) => {
      const o = Math.floor(i / 4);
      const deviation = Math.sqrt(values("bn.running_var")[o]! + 1e-3);
      const centred = (before[i]! - values("bn.running_mean")[o]!) / deviation;
      expect(value).toBeCloseTo(centred * values("bn.weight")[o]! + values("bn.bias")[o]!, 4);
    });
  });

  it("are read from a PyTorch file and give features and scores without bias", async () => {
    const path = join(root, "inception.pth");
    const official = randomTensors(officialInceptionParameters(specs));
    official.set("Conv2d_1a_3x3.bn.num_batches_tracked", {
      dtype: "int64",
      shape: [],
      data: BigInt64Array.of(7n),
    });
    const { value, storages } = stateDictOf(official);
    await writeTorchFile(path, value, storages);
    const network = await openInception(await openDevice("cpu"), path);
    expect(network.name).toMatch(/^inception-v3-2015-[0-9a-f]{8}$/);
    expect(network).toMatchObject({ isInception: true, width: 2048, classes: 1008 });
    const picture = (width: number, height: number) => ({
      width,
      height,
      data: Uint8Array.from(random(1, "p").uniforms(3 * width * height), (u) => u * 256),
    });
    const pictures = [picture(32, 32), picture(40, 24)];
    const { features, logits, spatial } = await network.features(pictures);
    expect(spatial).toMatchObject({ count: 2, width: 2023 });
    const one = (await network.features([pictures[1]!])).spatial!;
    expect(Math.max(...one.values)).toBeGreaterThan(0);
    one.values.forEach((value, i) => {
      expect(spatial!.values[2023 + i]).toBeCloseTo(value, 4);
    });
    await network.close();
    expect([features.count, logits.count]).toEqual([2, 2]);
    const [row, head] = [features.values.subarray(2048), official.get("fc.weight")!.data];
    expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...row)).toBeGreaterThan(0);
    expect(row).not.toEqual(features.values.subarray(0, 2048));
    let score = 0;
    for (const [i, x] of row.entries()) score += x * (head[2048 + i] as number);
    expect(logits.values[1008 + 1]! / score).toBeCloseTo(1, 4);
  });

  it("are refused with all that is missing, wrong and surplus in one error", async () => {
    const path = join(root, "other.pth");
    const official = randomTensors(officialInceptionParameters(small));
    official.delete("Conv2d_3b_1x1.bn.running_mean");
    official.set("fc.bias", float32Tensor([1000], new Float32Array(1000)));
    official.set("AuxLogits.fc.weight", float32Tensor([2], new Float32Array(2)));
    const { value, storages } = stateDictOf(official);
    await writeTorchFile(path, value, storages);
    const opening = openInception(await openDevice("cpu"), path);
    await expect(opening).rejects.toThrow(CheckpointError);
    await expect(opening).rejects.toThrow(/466 missing: .*Conv2d_3b_1x1.bn.running_mean/);
    await expect(opening).rejects.toThrow(
      /1 wrong: fc.bias \[1000\] instead of \[1008\]; 1 surplus: AuxLogits.fc.weight/,
    );
  });
});

/** Drawn once: the network has 24 million weights. */
const drawn = random(1, "weights").uniforms(65_521);

/** Weights small enough to keep the maps level, variances and gains around 1. */
function randomTensors(
  parameters: ReturnType<typeof officialInceptionParameters>,
): Map<string, TensorData> {
  return new Map(
    parameters.map(({ name, shape }, index) => {
      const bound = Math.sqrt(6 / elementCount(shape.slice(1)));
      const least = /running_var|bn.weight/.test(name) ? 0.5 : 0;
      const data = new Float32Array(elementCount(shape));
      for (let i = 0; i < data.length; i++) {
        const u = drawn[(i + 101 * index) % drawn.length]!;
        data[i] = shape.length > 1 ? (2 * u - 1) * bound : u + least;
      }
      return [name, float32Tensor(shape, data)];
    }),
  );
}
