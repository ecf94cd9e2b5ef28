/** Files with the keys of official checkpoints, for any sizes. */
import type { NameMap } from "../../src/checkpoints/name-map.ts";
import { elementCount, type TensorMap, toFloat32 } from "../../src/checkpoints/tensor-data.ts";
import type { ParameterSpecs } from "../../src/nn/layer.ts";
import { type Picklable, TorchTensor } from "./pickle-writer.ts";
import type { Storages } from "./torch-file.ts";

/** A dict of tensors to be pickled, and the bytes they look into. */
export interface OfficialDict {
  readonly value: Readonly<Record<string, Picklable>>;
  readonly storages: Storages;
}

/** A state dict of float32 tensors; storage keys begin with `stem`. */
export function stateDictOf(tensors: TensorMap, stem = ""): OfficialDict {
  const value: Record<string, Picklable> = {};
  const storages: Record<string, Uint8Array> = {};
  for (const [name, tensor] of tensors) {
    const data = toFloat32(tensor);
    const key = `${stem}${Object.keys(storages).length}`;
    value[name] = new TorchTensor(key, "FloatStorage", data.length, tensor.shape);
    storages[key] = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  return { value, storages };
}

/** The tensors of one module of a parity case, without the module's name in front. */
export function moduleOf(official: TensorMap, module: string): TensorMap {
  return new Map(
    [...official]
      .filter(([key]) => key.startsWith(`${module}.`))
      .map(([key, tensor]) => [key.slice(module.length + 1), tensor]),
  );
}

/** The state dict of a part of any size, full of zeros that take no room. */
export function emptyDict(specs: ParameterSpecs, names: NameMap, prefix: string): OfficialDict {
  const value: Record<string, Picklable> = {};
  const storages: Record<string, number> = {};
  for (const [path, { shape }] of specs) {
    const name = names.toOfficial(path)!.slice(prefix.length);
    const key = String(Object.keys(storages).length);
    const count = elementCount(shape as number[]);
    value[name] = new TorchTensor(key, "FloatStorage", count, shape as number[]);
    storages[key] = 4 * count;
  }
  return { value, storages };
}
