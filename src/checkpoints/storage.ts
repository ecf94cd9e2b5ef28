/** In which number format floats are stored. */

import { toFloat16Bits } from "../half.ts";
import { float32Tensor, type TensorData, toFloat32 } from "./tensor-data.ts";
import type { TensorEntry, TensorSource } from "./tensor-file.ts";

/** float16 halves the files; tensors with values past ±65504 stay float32. */
export type Storage = "float32" | "float16";

const LARGEST_FLOAT16 = 65504;
const FLOATS: ReadonlySet<string> = new Set(["float32", "float16", "bfloat16", "float64"]);

/**
 * The same tensors with their floats in another format. For float16 every tensor is read once to
 * find those that do not fit, and a second time when it is asked for.
 */
export async function storedAs(source: TensorSource, storage: Storage): Promise<TensorSource> {
  const entries: TensorEntry[] = [];
  for (const entry of source.entries) {
    const { name, dtype, shape } = entry;
    if (!FLOATS.has(dtype)) entries.push(entry);
    else if (storage === "float16" && (dtype === "float16" || fitsFloat16(await source.read(name))))
      entries.push({ name, dtype: "float16", shape });
    else entries.push({ name, dtype: "float32", shape });
  }
  const planned = new Map(entries.map(({ name, dtype }) => [name, dtype]));
  const read = async (name: string): Promise<TensorData> => {
    const tensor = await source.read(name);
    const dtype = planned.get(name);
    if (dtype === tensor.dtype) return tensor;
    const { shape } = tensor;
    const values = toFloat32(tensor);
    if (dtype === "float32") return float32Tensor(shape, values);
    return { dtype: "float16", shape, data: toFloat16Bits(values) };
  };
  return { entries, read };
}

/** Whether no value becomes infinite; what is infinite or no number already stays float32. */
function fitsFloat16(tensor: TensorData): boolean {
  const values = toFloat32(tensor);
  // a callback per value would take eight times as long
  for (let i = 0; i < values.length; i++) {
    if (!(Math.abs(values[i]!) <= LARGEST_FLOAT16)) return false;
  }
  return true;
}
