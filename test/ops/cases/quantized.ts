import {
  blockProduct,
  blockProductOp,
  int8Product,
  int8ProductOp,
} from "../../../src/graph/ops/quantized.ts";
import { constant } from "../../../src/graph/ops/source.ts";
import { random } from "../../../src/random/random.ts";
import { type OpCase, record } from "../op-case.ts";
import { type Plain, tabulate, total } from "../plain.ts";

/** Whole numbers from −limit to limit. */
function wholes(name: string, count: number, limit: number): number[] {
  const uniforms = random(1, "quantized", name).uniforms(count);
  return Array.from(uniforms, (u) => Math.floor(u * (2 * limit + 1)) - limit);
}

function scalesOf(name: string, count: number): Float32Array {
  return random(1, "scales", name)
    .uniforms(count)
    .map((u) => 0.02 * (u - 0.4));
}

/** As DynamicQuantizeLinear rounds: 8 bits over the whole range and 0. */
function rounded({ data, dims }: Plain): Plain {
  const values = Array.from(data);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const step = Math.fround((high - low) / 255);
  const clamp = (code: number) => Math.max(0, Math.min(255, code));
  const zero = clamp(toEven(-low / step));
  return { dims, data: values.map((x) => (clamp(toEven(x / step) + zero) - zero) * step) };
}

function toEven(x: number): number {
  const nearest = Math.round(x);
  return nearest - x === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

function int8Case(what: string, shape: number[], columns: number, bias = false): OpCase {
  const inner = shape.at(-1)!;
  const values = wholes(what, inner * columns, 64);
  const scales = scalesOf(what, columns);
  return {
    op: record(int8ProductOp),
    name: `int8Product: ${what}`,
    shapes: bias ? [shape, [columns]] : [shape],
    build: (x, b) => {
      const weights = constant(Int8Array.from(values), [inner, columns]);
      return int8Product(x!, weights, constant(scales, [columns]), b);
    },
    reference: (x, b) => {
      const { data } = rounded(x!);
      return tabulate([data.length / inner, columns], (m, n) => {
        const sum = total(inner, (k) => data[m! * inner + k]! * values[k * columns + n!]!);
        return sum * scales[n!]! + (b ? b.data[n!]! : 0);
      });
    },
    webgpuMissing: "no products of integers",
  };
}

/** The CPU's kernel rounds x to 8 bits in every block, the other forms do not. */
function coarseness(bits: 4 | 8) {
  const tolerance = bits === 4 ? 2e-3 : 3e-2;
  return { tolerance, webgpuTolerance: tolerance };
}

function blockCase(
  what: string,
  bits: 4 | 8,
  shape: number[],
  columns: number,
  bias = false,
): OpCase {
  const inner = shape.at(-1)!;
  const block = 32;
  const blocks = Math.ceil(inner / block);
  const half = 2 ** (bits - 1);
  const centred = wholes(what, columns * blocks * block, half - 1);
  const codes = centred.map((value) => value + half);
  const bytes = bits === 8 ? codes : pairs(codes);
  const scales = scalesOf(what, columns * blocks);
  return {
    op: record(blockProductOp),
    name: `blockProduct: ${what}`,
    shapes: bias ? [shape, [columns]] : [shape],
    build: (x, b) => {
      const weights = constant(Uint8Array.from(bytes), [columns, blocks, (block * bits) / 8]);
      const factors = constant(scales, [columns, blocks]);
      return blockProduct(x!, weights, factors, { bits, block, inner, ...(b && { bias: b }) });
    },
    reference: (x, b) =>
      tabulate([x!.data.length / inner, columns], (m, n) => {
        const product = total(inner, (k) => {
          const at = n! * blocks + Math.floor(k / block);
          return x!.data[m! * inner + k]! * centred[at * block + (k % block)]! * scales[at]!;
        });
        return product + (b ? b.data[n!]! : 0);
      }),
    ...coarseness(bits),
  };
}

/** Two codes in a byte, the first in the low half. */
function pairs(codes: readonly number[]): number[] {
  return Array.from(
    { length: codes.length / 2 },
    (_, i) => codes[2 * i]! | (codes[2 * i + 1]! << 4),
  );
}

export const quantizedCases: readonly OpCase[] = [
  int8Case("a matrix", [5, 48], 20),
  int8Case("sequences and a bias", [2, 3, 40], 24, true),
  int8Case("one row", [1, 64], 8),
  blockCase("4 bits", 4, [3, 64], 16),
  blockCase("4 bits, a part of a block, a bias", 4, [2, 3, 40], 12, true),
  blockCase("8 bits", 8, [5, 96], 8),
  blockCase("8 bits, a part of a block, a bias", 8, [1, 2, 20], 6, true),
];
