/** Numbers that are known when a graph is written: in memory, or still in a file. */

/** Element types that the engine maps; float16 as its bits. */
export const fileDtypes = ["float32", "float16", "uint8", "int8"] as const;
export type FileDtype = (typeof fileDtypes)[number];

/** A stretch of a file, little-endian and aligned to its elements, which the engine maps by itself. */
export interface FileValues<D extends FileDtype = FileDtype> {
  readonly dtype: D;
  /** Absolute, without links. */
  readonly folder: string;
  /** Of the file in it. */
  readonly name: string;
  /** In bytes. */
  readonly offset: number;
  /** In numbers. */
  readonly length: number;
}

export type FileFloats = FileValues<"float32">;

export type Floats = Float32Array | FileFloats;

export function lieInFile<D extends FileDtype>(
  values: ArrayBufferView | FileValues<D>,
): values is FileValues<D> {
  return !ArrayBuffer.isView(values);
}
