/**
 * The state of the machine that a pickle is a program for: bytes still to be read, a stack, marks in
 * it, and a memo of values to come back to. Every access is checked, because the program is hostile
 * until it has ended.
 */

import { PickleMismatch } from "./globals.ts";
import type { PickleValue } from "./pickle-values.ts";

/**
 * Slots of stack and memo, and containers made: several times what a training file of ten thousand
 * tensors needs. It bounds memory, since one byte of a pickle may ask for a whole container.
 */
const MOST_VALUES = 1_000_000;
/** Longest name of a module or class. */
const LONGEST_NAME = 1000;

export class PickleMachine {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Of the next byte to read. */
  position: number;
  readonly stack: PickleValue[] = [];
  readonly memo: Map<number, PickleValue> = new Map();
  /** Names that are not on the list of globals, in the order in which they came. */
  readonly unknown: Set<string> = new Set();
  readonly #marks: number[] = [];
  #made = 0;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** A 64-bit length, which no file can need more than 53 bits for. */
  uint64(): number {
    const value = this.#view.getBigUint64(this.#advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new PickleMismatch("a length below 2^53", String(value));
    }
    return Number(value);
  }

  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** The next `count` bytes, in place. */
  take(count: number): Uint8Array {
    const start = this.#advance(count);
    return this.bytes.subarray(start, start + count);
  }

  text(count: number): string {
    return new TextDecoder().decode(this.take(count));
  }

  line(): string {
    const limit = Math.min(this.bytes.length, this.position + LONGEST_NAME);
    const end = this.bytes.subarray(this.position, limit).indexOf(0x0a);
    if (end < 0) throw new PickleMismatch("a line of text", "none");
    const line = this.text(end);
    this.position++;
    return line;
  }

  push(value: PickleValue): void {
    if (this.stack.length >= MOST_VALUES) throw tooMany();
    this.stack.push(value);
  }

  /** Pushes a fresh container. */
  make(value: PickleValue): void {
    this.spend(1);
    this.push(value);
  }

  /** Counts values that are made out of no bytes of their own. */
  spend(count: number): void {
    this.#made += count;
    if (this.#made > MOST_VALUES) throw tooMany();
  }

  pop(): PickleValue {
    if (this.stack.length <= (this.#marks.at(-1) ?? 0)) throw empty();
    return this.stack.pop()!;
  }

  top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || this.stack.length <= (this.#marks.at(-1) ?? 0)) throw empty();
    return value;
  }

  mark(): void {
    if (this.#marks.length >= MOST_VALUES) throw tooMany();
    this.#marks.push(this.stack.length);
  }

  /** Takes everything above the last mark, and the mark. */
  popMark(): PickleValue[] {
    const start = this.#marks.pop();
    if (start === undefined) throw new PickleMismatch("a mark on the stack", "none");
    return this.stack.splice(start);
  }

  /** Whether POP would meet a mark, which it then takes instead of a value. */
  get atMark(): boolean {
    return this.#marks.at(-1) === this.stack.length;
  }

  remember(index: number): void {
    if (this.memo.size >= MOST_VALUES) throw tooMany();
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw new PickleMismatch(`a value number ${index}`, "none");
    this.push(value);
  }

  #advance(count: number): number {
    const start = this.position;
    if (count > this.bytes.length - start) {
      throw new PickleMismatch(`${count} more bytes`, String(this.bytes.length - start));
    }
    this.position = start + count;
    return start;
  }
}

function tooMany(): PickleMismatch {
  return new PickleMismatch(`at most ${MOST_VALUES} values`, "more");
}

function empty(): PickleMismatch {
  return new PickleMismatch("a value on the stack", "an empty stack");
}
