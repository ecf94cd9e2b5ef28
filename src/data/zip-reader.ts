/** File access for zips: the directory of an archive is read in blocks, not entry by entry. */

import { close, fstatSync, openSync, read } from "node:fs";
import { Readable } from "node:stream";
import yauzl from "yauzl";

const blockBytes = 1 << 18;

/**
 * Reads ahead where requests follow each other, as those for the directory do: two small ones per
 * entry. Requests elsewhere are served alone.
 */
export class BlockReader extends yauzl.RandomAccessReader {
  readonly bytes: number;
  readonly #descriptor: number;
  #block: Buffer = Buffer.alloc(0);
  #start = 0;
  #expected = -1;

  /** @throws what `fs.openSync` throws. */
  constructor(path: string) {
    super();
    this.#descriptor = openSync(path, "r");
    this.bytes = fstatSync(this.#descriptor).size;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const descriptor = this.#descriptor;
    let position = start;
    // fs.createReadStream would close the descriptor when a stream is destroyed
    return new Readable({
      read() {
        const chunk = Buffer.allocUnsafe(Math.min(1 << 16, end - position));
        read(descriptor, chunk, 0, chunk.length, position, (error, bytes) => {
          if (error) this.destroy(error);
          else this.push(bytes > 0 ? chunk.subarray(0, bytes) : null);
          position += bytes;
        });
      },
    });
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    const follows = position === this.#expected;
    this.#expected = position + length;
    const from = position - this.#start;
    if (from >= 0 && from + length <= this.#block.length) {
      const bytes = this.#block.copy(target, offset, from, from + length);
      // not at once: each entry asks for the next, and the stack would grow with their number
      process.nextTick(callback, null, bytes);
    } else if (follows && length < blockBytes) {
      // a fresh block: an earlier one may still be in use
      const block = Buffer.allocUnsafe(blockBytes);
      read(this.#descriptor, block, 0, blockBytes, position, (error, bytes) => {
        this.#block = block.subarray(0, error ? 0 : bytes);
        this.#start = position;
        callback(error, this.#block.copy(target, offset, 0, length));
      });
    } else {
      read(this.#descriptor, target, offset, length, position, callback);
    }
  }

  override close(callback: (error: Error | null) => void): void {
    close(this.#descriptor, (error) => callback(error ?? null));
  }
}
