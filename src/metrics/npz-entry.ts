/** The bytes of one file in a zip, taken in exact pieces and checked at the end. */

import { DataError } from "../errors.ts";
import { crc32 } from "../images/crc32.ts";

/** Never holds more than one chunk of the stream beside the piece that was asked for. */
export class EntryBytes {
  readonly #stream: NodeJS.ReadableStream & { destroy?(): void };
  readonly #chunks: AsyncIterator<string | Buffer>;
  readonly #checksum: number;
  readonly #where: string;
  #sum = 0;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: NodeJS.ReadableStream, checksum: number, where: string) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#checksum = checksum;
    this.#where = where;
  }

  /** The next `count` bytes, in memory of their own. @throws DataError if there are fewer */
  async take(count: number): Promise<Uint8Array> {
    const piece = new Uint8Array(count);
    for (let done = 0; done < count; ) {
      if (this.#rest.length === 0 && !(await this.#advance())) {
        throw this.#damaged(`an end after ${done} of ${count} bytes`);
      }
      const part = this.#rest.subarray(0, count - done);
      piece.set(part, done);
      done += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return piece;
  }

  /** @throws DataError if bytes are left over or the checksum differs */
  async end(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#advance())) throw this.#damaged("more bytes");
    if (this.#sum !== this.#checksum) throw this.#damaged("another checksum");
  }

  /** Gives the stream up; to be called when not all was taken, and harmless otherwise. */
  stop(): void {
    this.#stream.destroy?.();
  }

  async #advance(): Promise<boolean> {
    try {
      const { value, done } = await this.#chunks.next();
      if (done) return false;
      this.#rest = value as Buffer;
    } catch (error) {
      throw this.#damaged(error instanceof Error ? error.message : String(error), error);
    }
    this.#sum = crc32(this.#rest, this.#sum);
    return this.#rest.length > 0 || this.#advance();
  }

  #damaged(got: string, cause?: unknown): DataError {
    return new DataError({ where: this.#where, expected: "a whole array", got }, { cause });
  }
}
