/** Files with the keys of official VAR checkpoints, for any sizes. */
import { officialVarNames } from "../../src/checkpoints/official-var.ts";
import { elementCount, type TensorMap, toFloat32 } from "../../src/checkpoints/tensor-data.ts";
import { modelParameters } from "../../src/systems/model-parameters.ts";
import { varSystem } from "../../src/systems/var.ts";
import type { VarConfig } from "../../src/systems/var-config.ts";
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

/** The two state dicts of a VAR of any size, full of zeros that take no room. */
export function emptyOfficialVar(config: VarConfig): Record<"var" | "vqvae", OfficialDict> {
  const { transformer, tokenizer } = modelParameters(varSystem.compose(config, {}));
  const dict = (module: string, specs: typeof transformer): OfficialDict => {
    const value: Record<string, Picklable> = {};
    const storages: Record<string, number> = {};
    for (const [path, { shape }] of specs) {
      const name = officialVarNames.toOfficial(path)!.slice(module.length + 1);
      const key = String(Object.keys(storages).length);
      value[name] = new TorchTensor(
        key,
        "FloatStorage",
        elementCount(shape as number[]),
        shape as number[],
      );
      storages[key] = 4 * elementCount(shape as number[]);
    }
    return { value, storages };
  };
  return { var: dict("var", transformer), vqvae: dict("vqvae", tokenizer) };
}
