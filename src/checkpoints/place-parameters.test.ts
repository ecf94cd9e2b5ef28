import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { lieInFile } from "../floats.ts";
import { add } from "../graph/ops/arithmetic.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { int8Product } from "../graph/ops/quantized.ts";
import { input, parameter } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { placeOfLarge, placeParameters } from "./place-parameters.ts";
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

  it("lie in several folders, in the types that matrices are packed in", async () => {
    const device = await openDevice("cpu");
    const x = input("x", "float32", [3, inputs]);
    const codes = parameter("codes", [inputs, outputs], "int8");
    const y = add(
      linearProduct(x, parameter("model.weight", [outputs, inputs])),
      int8Product(x, codes, parameter("scales", [outputs])),
    );
    const int8 = Int8Array.from(draw.normals(inputs * outputs), (value) => 20 * value);
    const packed = join(await mkdtemp(join(tmpdir(), "ordo-packed-")), "codes.safetensors");
    const shape = [inputs, outputs];
    await writeSafetensors(packed, new Map([["codes", { dtype: "int8", shape, data: int8 }]]));
    const opened = await openSafetensors(packed);
    const place = await placeOfLarge(opened, { name: "codes", shape });
    await opened.close();
    expect(place).toMatchObject({ dtype: "int8", length: int8.length });
    const scales = draw.normals(outputs);
    const here = { "model.weight": weight, codes: int8, scales };
    const there = { ...here, "model.weight": (await placed()).get("model.weight")!, codes: place! };
    const feeds = { x: draw.normals(3 * inputs) };
    const [wanted, got] = await Promise.all(
      [here, there].map(async (constants) => {
        const fn = await compile(
          device,
          "f",
          { y },
          { constants: new Map(Object.entries(constants)) },
        );
        const { y: result } = await fn.run(feeds);
        await fn.release();
        return result!.data;
      }),
    );
    expect(got).toEqual(wanted);
  });

  it("are refused in another type than the graph reads", async () => {
    const device = await openDevice("cpu");
    const constants = new Map([["codes", (await placed()).get("model.weight")!]]);
    const y = int8Product(
      input("x", "float32", [3, inputs]),
      parameter("codes", [inputs, outputs], "int8"),
      parameter("scales", [outputs]),
    );
    await expect(compile(device, "f", { y }, { constants })).rejects.toThrow(
      "codes: expected int8, got float32",
    );
  });
});
