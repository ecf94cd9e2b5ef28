/** A model's parameters without reading them: large ones stay in their file until they are used. */
import type { FileFloats, FileValues, Floats } from "../floats.ts";
import { type ExpectedParameter, requireParameters } from "./match-parameters.ts";
import { elementCount, toFloat32 } from "./tensor-data.ts";
import type { TensorEntry, TensorFile } from "./tensor-file.ts";

/** Smaller tensors are read: mapping a page costs as much. */
const LEAST_NUMBERS = 16 * 1024;

/** Where a large tensor lies that the engine can map; null for all that is better read. */
export async function placeOfLarge(
  file: TensorFile,
  { name, shape }: Pick<TensorEntry, "name" | "shape">,
): Promise<FileValues | null> {
  if (elementCount(shape) < LEAST_NUMBERS) return null;
  return (await file.place?.(name)) ?? null;
}

/**
 * The values of all expected parameters: read and widened where the engine cannot take them from
 * the file as they are, or where they are small.
 *
 * @param prefix what names in the model have before those in the file.
 * @throws CheckpointError listing every missing, surplus, wrongly shaped and non-float tensor.
 */
export async function placeParameters(
  expected: readonly ExpectedParameter[],
  file: TensorFile,
  { where, prefix = "" }: { readonly where: string; readonly prefix?: string },
): Promise<Map<string, Floats>> {
  const entries = file.entries.map((entry) => ({ ...entry, name: prefix + entry.name }));
  requireParameters(expected, entries, where);
  const values = new Map<string, Floats>();
  for (const { name, shape } of expected) {
    const own = name.slice(prefix.length);
    const place = await placeOfLarge(file, { name: own, shape });
    values.set(name, place && holdsFloats(place) ? place : toFloat32(await file.read(own)));
  }
  return values;
}

function holdsFloats(place: FileValues): place is FileFloats {
  return place.dtype === "float32";
}
