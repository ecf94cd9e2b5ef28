/** Files of weights that lie beside a case: its rule, written by the official code. */
import { readdir } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { openCheckpoint } from "../checkpoints/open-checkpoint.ts";
import type { ParityCase } from "../checkpoints/parity-case.ts";
import { type TensorMap, toFloat32 } from "../checkpoints/tensor-data.ts";
import type { ParityRow } from "./comparison.ts";

/** The weights of one module, which the file is named after: `var.pth` holds `var.…`. */
export interface ModuleWeights {
  readonly file: string;
  readonly module: string;
  /** Official names with the module in front. */
  readonly tensors: TensorMap;
}

/** Checkpoints in the folder of a case, sorted. */
export async function checkpointsIn({ path }: ParityCase): Promise<string[]> {
  const names = await readdir(path);
  return names
    .filter((name) => [".pth", ".pt", ".ckpt"].includes(extname(name)))
    .sort()
    .map((name) => join(path, name));
}

/** Loads a file of weights. @throws CheckpointError */
export async function readWeights(path: string): Promise<ModuleWeights> {
  const file = await openCheckpoint(path);
  const tensors = await file.readAll().finally(() => file.close());
  const module = basename(path, extname(path));
  return {
    file: basename(path),
    module,
    tensors: new Map([...tensors].map(([key, tensor]) => [`${module}.${key}`, tensor])),
  };
}

/** The weights of a case with those of one module from a file. */
export function withModule(rule: TensorMap, { module, tensors }: ModuleWeights): TensorMap {
  const others = [...rule].filter(([key]) => !key.startsWith(`${module}.`));
  return new Map([...others, ...tensors]);
}

/** The share of values in which file and rule differ: both are float32, so there is no tolerance. */
export function compareWeights(
  { file, module, tensors }: ModuleWeights,
  rule: TensorMap,
): ParityRow {
  let total = 0;
  let different = 0;
  for (const [key, { data }] of rule) {
    if (!key.startsWith(`${module}.`)) continue;
    const stored = tensors.get(key);
    const values = stored ? toFloat32(stored) : new Float32Array();
    total += data.length;
    for (let i = 0; i < data.length; i++) if (values[i] !== data[i]) different++;
  }
  const error = total === 0 ? Number.NaN : different / total;
  return { tensor: file, shape: [total], error, tolerance: 0, passed: error <= 0 };
}
