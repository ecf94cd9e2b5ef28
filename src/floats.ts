/** float32 numbers that are known when a graph is written: in memory, or still in a file. */

/** A stretch of a file, little-endian and aligned to 4 bytes, which the engine maps by itself. */
export interface FileFloats {
  /** Absolute, without links. */
  readonly folder: string;
  /** Of the file in it. */
  readonly name: string;
  /** In bytes. */
  readonly offset: number;
  /** In numbers. */
  readonly length: number;
}

export type Floats = Float32Array | FileFloats;

export function lieInFile(floats: ArrayBufferView | FileFloats): floats is FileFloats {
  return !ArrayBuffer.isView(floats);
}
