/** What every reader of checkpoints gives, whatever the format of the file. */

import type { TensorData, TensorDtype, TensorMap } from "./tensor-data.ts";

/** A tensor that a file holds. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
}

export type CheckpointFormat = "safetensors" | "pytorch";

/** An open file of tensors, of which only the description has been read. */
export interface TensorFile {
  readonly path: string;
  readonly format: CheckpointFormat;
  readonly entries: readonly TensorEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Loads one tensor into memory. @throws CheckpointError */
  read(name: string): Promise<TensorData>;
  readAll(): Promise<TensorMap>;
  close(): Promise<void>;
}
