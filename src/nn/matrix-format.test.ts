import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CheckpointError } from "../errors.ts";
import { fromFloat16Bits } from "../half.ts";
import {
  BLOCK,
  INT8_LIMIT,
  matrixFormats,
  type PackedMatrix,
  packMatrix,
} from "./matrix-format.ts";

type Shape = readonly [outputs: number, inputs: number];

/** A packed matrix as numbers again, [N, K], and the step of the scale at each of them. */
function unpacked(format: string, packed: PackedMatrix, [outputs, inputs]: Shape) {
  const { values, scales } = packed;
  const numbers = new Float64Array(outputs * inputs);
  const steps = new Float64Array(outputs * inputs);
  const blocks = Math.ceil(inputs / BLOCK);
  for (let n = 0; n < outputs; n++) {
    for (let k = 0; k < inputs; k++) {
      const at = n * blocks + Math.floor(k / BLOCK);
      const place = at * BLOCK + (k % BLOCK);
      const code =
        format === "int8"
          ? values[k * outputs + n]!
          : format === "int8-blocks"
            ? values[place]! - 128
            : ((values[place >> 1]! >> (place & 1 ? 4 : 0)) & 15) - 8;
      const scale = scales![format === "int8" ? n : at]!;
      numbers[n * inputs + k] = code * scale;
      steps[n * inputs + k] = Math.abs(scale);
    }
  }
  return { numbers, steps };
}

const matrices = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70 }))
  .chain(([outputs, inputs]) =>
    fc.record({
      shape: fc.constant<Shape>([outputs, inputs]),
      weights: fc
        .array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
          minLength: outputs * inputs,
          maxLength: outputs * inputs,
        })
        .map((values) => Float32Array.from(values)),
    }),
  );

const whole = ["int8", "int8-blocks", "int4-blocks"] as const;

describe("matrices of whole numbers", () => {
  it.each(whole)(
    "%s are off by one step of their scale at most, and half within the range",
    (format) => {
      fc.assert(
        fc.property(matrices, ({ shape, weights }) => {
          const packed = packMatrix(format, { where: "w", weights, shape });
          const { numbers, steps } = unpacked(format, packed, shape);
          const half = { int8: INT8_LIMIT, "int8-blocks": 128, "int4-blocks": 8 }[format];
          weights.forEach((value, i) => {
            // scales are float32 as well, and smaller ones than 2^-120 become 0
            const slack = steps[i]! * half * 2 ** -23 + half * 2 ** -120;
            const error = Math.abs(numbers[i]! - value);
            // the end of the range that the largest value does not take is a step short
            const clipped = format !== "int8" && Math.abs(value) > (half - 1) * steps[i]!;
            expect(error).toBeLessThanOrEqual(steps[i]! * (clipped ? 1 : 0.5) + slack);
          });
        }),
        { seed: 1, numRuns: 150 },
      );
    },
  );

  it.each(whole)("%s keep zeros, and outputs of nothing but zeros", (format) => {
    const shape: Shape = [3, 40];
    const weights = Float32Array.from({ length: 120 }, (_, i) => (i < 40 || i % 3 === 0 ? 0 : i));
    const packed = packMatrix(format, { where: "w", weights, shape });
    const { numbers } = unpacked(format, packed, shape);
    weights.forEach((value, i) => {
      if (value === 0) expect(Math.abs(numbers[i]!)).toBe(0);
    });
    expect(packed.scales![0]).toBe(0);
  });

  it("int8 stay within what pairs of products hold in 16 bits", () => {
    fc.assert(
      fc.property(matrices, ({ shape, weights }) => {
        const { values } = packMatrix("int8", { where: "w", weights, shape });
        for (const code of values) expect(Math.abs(code)).toBeLessThanOrEqual(INT8_LIMIT);
      }),
      { seed: 2, numRuns: 50 },
    );
    expect(2 * 255 * INT8_LIMIT).toBeLessThan(2 ** 15);
  });

  it.each(["int8-blocks", "int4-blocks"] as const)(
    "%s fill the last block with zeros",
    (format) => {
      const shape: Shape = [2, 33];
      const weights = new Float32Array(66).fill(1);
      const { values } = packMatrix(format, { where: "w", weights, shape });
      const bytes = format === "int4-blocks" ? BLOCK / 2 : BLOCK;
      expect(values.length).toBe(2 * 2 * bytes);
      const last = Array.from(values.subarray(3 * bytes + 1));
      expect(new Set(last)).toEqual(new Set([format === "int4-blocks" ? 0x88 : 0x80]));
    },
  );

  it("take the bytes that their names say", () => {
    const shape: Shape = [8, 64];
    const weights = new Float32Array(512).fill(1);
    const bytes = (["float16", ...whole] as const).map((format) => {
      const { values, scales } = packMatrix(format, { where: "w", weights, shape });
      return [values.byteLength, scales?.byteLength ?? 0];
    });
    expect(bytes).toEqual([
      [1024, 0],
      [512, 32],
      [512, 64],
      [256, 64],
    ]);
  });
});

describe("halves", () => {
  it("are the nearest float16", () => {
    const weights = Float32Array.of(0.1, -3, 65504, 1e-9);
    const { values } = packMatrix("float16", { where: "w", weights, shape: [2, 2] });
    expect(Array.from(fromFloat16Bits(values as Uint16Array))).toEqual([
      0.0999755859375, -3, 65504, 0,
    ]);
  });

  it("are refused for numbers that they do not hold", () => {
    const weights = Float32Array.of(1, 70000);
    expect(() => packMatrix("float16", { where: "w", weights, shape: [1, 2] })).toThrow(
      "w: expected numbers up to ±65504, got 70000 at index 1. Use --weights fp32.",
    );
  });
});

it.each(matrixFormats.filter((format) => format !== "float32"))(
  "%s are refused for what is no finite number",
  (format) => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const weights = Float32Array.of(1, 2, 3, bad);
      const pack = () => packMatrix(format, { where: "blocks.0.w", weights, shape: [2, 2] });
      expect(pack).toThrow(CheckpointError);
      expect(pack).toThrow(/^blocks\.0\.w: expected .* got (NaN|Infinity) at index 3/);
    }
  },
);
