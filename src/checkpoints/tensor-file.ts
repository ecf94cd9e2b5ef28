/** What every reader of checkpoints gives, whatever the format of the file. */

import type { FileValues } from "../floats.ts";
import type { TensorData, TensorDtype, TensorMap } from "./tensor-data.ts";

/** A tensor that a file holds. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

/** Tensors that are loaded one by one, when they are needed. */
export interface TensorSource {
  readonly entries: readonly TensorEntry[];
  /** Loads one tensor into memory. @throws CheckpointError */
  read(name: string): Promise<TensorData>;
}

export type CheckpointFormat = "safetensors" | "pytorch";

/** An open file of tensors, of which only the description has been read. */
export interface TensorFile extends TensorSource {
  readonly path: string;
  readonly format: CheckpointFormat;
  readonly metadata: ReadonlyMap<string, string>;
  readAll(): Promise<TensorMap>;
  /** Where the numbers of a tensor lie, if they lie as the engine can map them. */
  place?(name: string): Promise<FileValues | null>;
  close(): Promise<void>;
}

/** Tensors in memory as a source. */
export function sourceOf(tensors: TensorMap): TensorSource {
  return {
    entries: [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape })),
    read: async (name) => tensors.get(name)!,
  };
}
