/**
 * Writing of protocol-buffer messages as a list of chunks whose lengths are known before the bytes,
 * so that weights are never copied on the way (16 MB in 11 ms: ENGINE 10).
 */

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** Of 64 bits, seven in a byte. */
const LONGEST_VARINT = 10;

/** From here on bytes are kept where they are instead of being copied. */
const LARGE = 1024;
const FIRST_ROOM = 64;

const utf8 = new TextEncoder();

/** A message under construction. Fields are written in the order of the calls. */
export class Message {
  /** What is written and complete, before the tail. */
  readonly #chunks: Uint8Array[] = [];
  /** Small fields, one after the other. */
  #tail: Uint8Array = new Uint8Array(FIRST_ROOM);
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  integer(field: number, value: number | bigint): this {
    return this.#tag(field, VARINT).#varint(value);
  }

  float(field: number, value: number): this {
    this.#tag(field, FIXED_32).#reserve(4);
    new DataView(this.#tail.buffer).setFloat32(this.#used, value, true);
    return this.#wrote(4);
  }

  text(field: number, value: string): this {
    return isAscii(value)
      ? this.#tag(field, LENGTH_DELIMITED).#varint(value.length).#ascii(value)
      : this.bytes(field, utf8.encode(value));
  }

  /** Keeps a reference to what is large: the bytes must not change before `finish`. */
  bytes(field: number, value: Uint8Array): this {
    return this.#tag(field, LENGTH_DELIMITED).#varint(value.length).#push(value);
  }

  message(field: number, value: Message): this {
    this.#tag(field, LENGTH_DELIMITED).#varint(value.length);
    for (const chunk of value.#chunks) this.#push(chunk);
    return this.#push(value.#tail.subarray(0, value.#used));
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of [...this.#chunks, this.#tail.subarray(0, this.#used)]) {
      whole.set(chunk, offset);
      offset += chunk.length;
    }
    return whole;
  }

  #tag(field: number, wire: number): this {
    return this.#varint(field * 8 + wire);
  }

  #varint(value: number | bigint): this {
    this.#reserve(LONGEST_VARINT);
    let at = this.#used;
    if (typeof value === "number" && value >= 0) {
      let rest = value;
      for (; rest > 127; rest = Math.floor(rest / 128)) this.#tail[at++] = (rest % 128) | 128;
      this.#tail[at++] = rest;
    } else {
      // negative int64 values are written as their 64-bit two's complement
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest > 127n; rest >>= 7n) this.#tail[at++] = Number(rest & 127n) | 128;
      this.#tail[at++] = Number(rest);
    }
    return this.#wrote(at - this.#used);
  }

  #ascii(value: string): this {
    this.#reserve(value.length);
    for (let i = 0; i < value.length; i++) this.#tail[this.#used + i] = value.charCodeAt(i);
    return this.#wrote(value.length);
  }

  #push(chunk: Uint8Array): this {
    if (chunk.length < LARGE) {
      this.#reserve(chunk.length);
      this.#tail.set(chunk, this.#used);
      return this.#wrote(chunk.length);
    }
    if (this.#used > 0) this.#chunks.push(this.#tail.subarray(0, this.#used));
    this.#chunks.push(chunk);
    this.#tail = new Uint8Array(FIRST_ROOM);
    this.#used = 0;
    this.#length += chunk.length;
    return this;
  }

  #reserve(count: number): void {
    const needed = this.#used + count;
    if (needed <= this.#tail.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#tail.length));
    larger.set(this.#tail.subarray(0, this.#used));
    this.#tail = larger;
  }

  #wrote(count: number): this {
    this.#used += count;
    this.#length += count;
    return this;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
