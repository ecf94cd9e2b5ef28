import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Message } from "./protobuf.ts";

/** The format's rules once more, byte by byte. */
function varint(value: bigint): number[] {
  const rest = BigInt.asUintN(64, value);
  return rest < 128n ? [Number(rest)] : [Number(rest % 128n) + 128, ...varint(rest / 128n)];
}

const tag = (field: number, wire: number) => varint(BigInt(8 * field + wire));
const delimited = (field: number, bytes: readonly number[]) => [
  ...tag(field, 2),
  ...varint(BigInt(bytes.length)),
  ...bytes,
];

interface Piece {
  readonly expected: readonly number[];
  readonly write: (message: Message) => Message;
}

const field = fc.integer({ min: 1, max: 3000 });
const integers = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const lengths = fc.oneof(
  { weight: 5, arbitrary: fc.nat({ max: 40 }) },
  fc.integer({ min: 1020, max: 1030 }),
);
const bytes = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

const flat: fc.Arbitrary<Piece> = fc.oneof(
  fc.tuple(field, integers).map(([at, value]) => ({
    expected: [...tag(at, 0), ...varint(BigInt(value))],
    write: (message: Message) => message.integer(at, value),
  })),
  fc.tuple(field, fc.string({ unit: "grapheme" })).map(([at, value]) => ({
    expected: delimited(at, [...Buffer.from(value)]),
    write: (message: Message) => message.text(at, value),
  })),
  fc.tuple(field, bytes).map(([at, value]) => ({
    expected: delimited(at, [...value]),
    write: (message: Message) => message.bytes(at, value),
  })),
  fc.tuple(field, fc.float({ noNaN: true })).map(([at, value]) => ({
    expected: [...tag(at, 5), ...new Uint8Array(Float32Array.of(value).buffer)],
    write: (message: Message) => message.float(at, value),
  })),
);

const written = (pieces: readonly Piece[]) =>
  pieces.reduce((message, { write }) => write(message), new Message());
const bytesOf = (pieces: readonly Piece[]) => pieces.flatMap(({ expected }) => expected);

describe("protocol-buffer messages", () => {
  it("are the bytes of the format, at any depth and size", () => {
    const pieces = fc.array(flat, { maxLength: 12 });
    fc.assert(
      fc.property(pieces, pieces, pieces, (before, inside, after) => {
        const nested = [...bytesOf(before), ...delimited(7, bytesOf(inside)), ...bytesOf(after)];
        const message = after.reduce(
          (whole, { write }) => write(whole),
          written(before).message(7, written(inside)),
        );
        expect(message.length).toBe(nested.length);
        expect([...message.finish()]).toEqual(nested);
        const twice = new Message().message(1, message).message(2, message).finish();
        expect([...twice]).toEqual([...delimited(1, nested), ...delimited(2, nested)]);
      }),
    );
  });

  it("keep what was nested when the inner message goes on", () => {
    const inner = new Message().text(1, "one");
    const outer = new Message().message(2, inner);
    inner.text(1, "two");
    expect(Buffer.from(outer.finish()).toString("latin1")).toContain("one");
    expect(Buffer.from(outer.finish()).toString("latin1")).not.toContain("two");
  });
});
