import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { lieInFile } from "../floats.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { placeParameters } from "./place-parameters.ts";
import { readFloats } from "./read-floats.ts";
import { openSafetensors, writeSafetensors } from "./safetensors.ts";

const [inputs, outputs] = [96, 200];
const draw = random(1, "place");
const weight = draw.normals(inputs * outputs);
const bias = draw.normals(outputs);
const expected = [
  { name: "model.weight", shape: [outputs, inputs] },
  { name: "model.bias", shape: [outputs] },
];

let file: string;

beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), "ordo-place-")), "model.safetensors");
  const tensors = new Map([
    ["weight", { dtype: "float32" as const, shape: [outputs, inputs], data: weight }],
    ["bias", { dtype: "float32" as const, shape: [outputs], data: bias }],
  ]);
  await writeSafetensors(file, tensors);
});

async function placed() {
  const opened = await openSafetensors(file);
  return placeParameters(expected, opened, { where: file, prefix: "model." }).finally(() =>
    opened.close(),
  );
}

describe("placeParameters", () => {
  it("leaves large tensors in the file and reads small ones", async () => {
    const values = await placed();
    expect(lieInFile(values.get("model.weight")!)).toBe(true);
    expect(values.get("model.bias")).toEqual(bias);
    expect(await readFloats(values.get("model.weight")!)).toEqual(weight);
  });

  it("lists what is missing, wrong and surplus, under the model's names", async () => {
    const opened = await openSafetensors(file);
    const others = [
      { name: "model.weight", shape: [inputs, outputs] },
      { name: "model.gain", shape: [1] },
    ];
    const placing = placeParameters(others, opened, { where: file, prefix: "model." });
    await expect(placing).rejects.toThrow(/model\.gain.*model\.weight.*model\.bias/s);
    await opened.close();
  });
});

describe("constants that lie in a file", () => {
  it.each([false, true])("give what constants in memory give (unpacked: %s)", async (unpacked) => {
    const device = await openDevice("cpu");
    const y = linearProduct(
      input("x", "float32", [3, inputs]),
      parameter("model.weight", [outputs, inputs]),
      parameter("model.bias", [outputs]),
    );
    const x = draw.normals(3 * inputs);
    const inMemory = new Map([
      ["model.weight", weight],
      ["model.bias", bias],
    ]);
    const a = await compile(device, "in memory", { y }, { constants: inMemory });
    const b = await compile(device, "in file", { y }, { constants: await placed(), unpacked });
    const [wanted, got] = [await a.run({ x }), await b.run({ x })].map(
      ({ y }) => y!.data as Float32Array,
    ) as [Float32Array, Float32Array];
    expect(Math.max(...got.map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThan(1e-4);
    await a.release();
    await b.release();
  });
});
