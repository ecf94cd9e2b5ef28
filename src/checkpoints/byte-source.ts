/** Bytes of one file, wherever it lies: on a disk, in memory, behind HTTP. */
import { CheckpointError } from "../errors.ts";

export interface ByteSource {
  /** What errors call it: a path or an address. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Exactly `count` bytes at `position`, in a buffer of their own. @throws CheckpointError */
  read(position: number, count: number): Promise<ArrayBuffer>;
  close(): Promise<void>;
}

/** A file that is in memory as a whole. */
export function memoryBytes(path: string, bytes: ArrayBuffer): ByteSource {
  return {
    path,
    size: bytes.byteLength,
    read: async (position, count) => {
      if (position + count <= bytes.byteLength) return bytes.slice(position, position + count);
      const got = `the end after ${Math.max(0, bytes.byteLength - position)} bytes`;
      throw new CheckpointError({ where: path, expected: `${count} bytes at ${position}`, got });
    },
    close: async () => {},
  };
}
