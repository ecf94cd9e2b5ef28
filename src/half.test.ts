import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBfloat16Bits, fromFloat16Bits, toFloat16Bits } from "./half.ts";

const half = (...values: number[]) => [...toFloat16Bits(Float32Array.from(values))];

describe("float16", () => {
  it("keeps every number it can hold, both zeros and both infinities", () => {
    const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
    const notNan = all.filter((bits) => (bits & 0x7fff) <= 0x7c00);
    expect(toFloat16Bits(fromFloat16Bits(notNan))).toEqual(notNan);
  });

  it("keeps NaN a NaN", () => {
    expect(fromFloat16Bits(toFloat16Bits(Float32Array.of(Number.NaN)))[0]).toBeNaN();
    expect(fromFloat16Bits(Uint16Array.of(0x7c01, 0xffff))).toEqual(
      Float32Array.of(Number.NaN, Number.NaN),
    );
  });

  it("has the known bits of known numbers", () => {
    expect(half(1, -2, 65504, 2 ** -14, 2 ** -24)).toEqual([0x3c00, 0xc000, 0x7bff, 0x0400, 1]);
  });

  it("rounds ties to even, also among subnormals and at the edge of infinity", () => {
    const unit = 2 ** -10;
    expect(half(1 + unit / 2, 1 + 1.5 * unit)).toEqual([0x3c00, 0x3c02]);
    expect(half(2 ** -25, 1.5 * 2 ** -24, 2.5 * 2 ** -24)).toEqual([0, 2, 2]);
    expect(half(2 ** -25 * 1.001, 65519, 65520)).toEqual([1, 0x7bff, 0x7c00]);
  });

  it("is the nearest of all float16 numbers", () => {
    const finite = fromFloat16Bits(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
    fc.assert(
      fc.property(fc.float({ min: 0, max: 65504, noNaN: true }), (value) => {
        const bits = half(value)[0]!;
        const error = Math.abs(finite[bits]! - value);
        const neighbours = [finite[bits - 1], finite[bits + 1]].filter((x) => x !== undefined);
        for (const other of neighbours) expect(error).toBeLessThanOrEqual(Math.abs(other - value));
      }),
      { seed: 1 },
    );
  });
});

describe("bfloat16", () => {
  it("is the upper half of float32", () => {
    expect(fromBfloat16Bits(Uint16Array.of(0x3f80, 0xc040, 0x7f80))).toEqual(
      Float32Array.of(1, -3, Number.POSITIVE_INFINITY),
    );
  });
});
