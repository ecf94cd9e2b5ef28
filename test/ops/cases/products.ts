import { attention, attentionOp } from "../../../src/graph/ops/attention.ts";
import {
  gemm,
  gemmOp,
  linearProduct,
  type MatmulOptions,
  matmul,
  matmulOp,
} from "../../../src/graph/ops/product.ts";
import { fixed, type OpCase, record } from "../op-case.ts";
import { at, broadcastDims, type Plain, tabulate, total } from "../plain.ts";

function matmulOf(a: Plain, b: Plain): number[] {
  const batch = broadcastDims(a.dims.slice(0, -2), b.dims.slice(0, -2));
  const dims = [...batch, a.dims.at(-2)!, b.dims.at(-1)!];
  return tabulate(dims, (...index) => {
    const [row, column] = index.slice(-2) as [number, number];
    const outer = index.slice(0, -2);
    // an inner size of 1 is no broadcasting here: both operands have it
    return total(a.dims.at(-1)!, (k) => at(a, ...outer, row, k) * at(b, ...outer, k, column));
  });
}

function matmulCase(what: string, a: number[], b: number[]): OpCase {
  return {
    op: record(matmulOp),
    name: `matmul: ${what}`,
    shapes: [a, b],
    build: (x, y) => matmul(x!, y!),
    reference: (x, y) => matmulOf(x!, y!),
  };
}

/** The last two axes exchanged. */
function exchanged(x: Plain): Plain {
  const [rows, columns] = x.dims.slice(-2) as [number, number];
  const dims = [...x.dims.slice(0, -2), columns, rows];
  return {
    dims,
    data: tabulate(dims, (...index) => {
      const [column, row] = index.slice(-2) as [number, number];
      return x.data[offsetOf(x.dims, [...index.slice(0, -2), row, column])]!;
    }),
  };
}

function offsetOf(dims: readonly number[], index: readonly number[]): number {
  return dims.reduce((offset, size, axis) => offset * size + index[axis]!, 0);
}

function transposedCase(a: number[], b: number[], options: MatmulOptions): OpCase {
  const { transposeA, transposeB, scale = 1 } = options;
  return {
    op: record(matmulOp),
    name: `matmul: ${scale === 1 ? "" : `${scale}·`}${transposeA ? "aᵀ" : "a"}·${transposeB ? "bᵀ" : "b"} of [${a}] and [${b}]`,
    shapes: [a, b],
    build: (x, y) => matmul(x!, y!, options),
    reference: (x, y) =>
      matmulOf(transposeA ? exchanged(x!) : x!, transposeB ? exchanged(y!) : y!).map(
        (value) => value * scale,
      ),
  };
}

function gemmOf(ta: boolean, tb: boolean, a: Plain, b: Plain, bias?: Plain): number[] {
  const [m, inner] = ta ? [a.dims[1]!, a.dims[0]!] : [a.dims[0]!, a.dims[1]!];
  return tabulate([m, tb ? b.dims[0]! : b.dims[1]!], (i, j) => {
    const product = total(
      inner,
      (k) => (ta ? at(a, k, i!) : at(a, i!, k)) * (tb ? at(b, j!, k) : at(b, k, j!)),
    );
    return product + (bias ? at(bias, i!, j!) : 0);
  });
}

function gemmCase(ta: boolean, tb: boolean, bias?: number[]): OpCase {
  const shapes = [ta ? [4, 3] : [3, 4], tb ? [5, 4] : [4, 5], ...(bias ? [bias] : [])];
  const text = bias ? `, bias [${bias.join(", ")}]` : "";
  return {
    op: record(gemmOp),
    name: `gemm: ${ta ? "aᵀ" : "a"}·${tb ? "bᵀ" : "b"}${text}`,
    shapes,
    build: (a, b, c) => gemm(a!, b!, ta, tb, c),
    reference: (a, b, c) => gemmOf(ta, tb, a!, b!, c),
  };
}

function attentionOf(scale: number, q: Plain, k: Plain, v: Plain, bias?: Plain): number[] {
  const [batch, heads, queries, width] = q.dims as [number, number, number, number];
  const keys = k.dims[2]!;
  return tabulate([batch, heads, queries, v.dims[3]!], (...index) => {
    const [b, h, s, d] = index as [number, number, number, number];
    const scores = Array.from({ length: keys }, (_, t) => {
      const product = total(width, (i) => at(q, b, h, s, i) * at(k, b, h, t, i));
      return Math.exp(scale * product + (bias ? at(bias, b, h, s, t) : 0));
    });
    const whole = scores.reduce((sum, p) => sum + p, 0);
    return total(keys, (t) => (scores[t]! / whole) * at(v, b, h, t, d));
  });
}

const [q, kv] = [
  [2, 2, 3, 4],
  [2, 2, 5, 4],
];

/** Query i sees the first i + 3 of 5 keys. */
const mask = tabulate([3, 5], (i, j) => (j! < i! + 3 ? 0 : Number.NEGATIVE_INFINITY));

export const productCases: readonly OpCase[] = [
  matmulCase("matrices", [3, 4], [4, 5]),
  matmulCase("one matrix for a batch", [2, 3, 4], [4, 5]),
  matmulCase("a batch of right operands", [3, 4], [2, 4, 5]),
  matmulCase("batches stretched both ways", [2, 1, 3, 4], [3, 4, 2]),
  transposedCase([3, 4], [5, 4], { transposeB: true }),
  transposedCase([2, 4, 3], [2, 4, 5], { transposeA: true, scale: 0.5 }),
  transposedCase([2, 4, 3], [5, 4], { transposeA: true, transposeB: true, scale: -2 }),
  transposedCase([4, 3], [2, 2, 4, 5], { transposeA: true }),
  transposedCase([2, 1, 3, 4], [3, 2, 4], { transposeB: true, scale: 3 }),
  gemmCase(false, false),
  gemmCase(true, false),
  gemmCase(false, true),
  gemmCase(true, true),
  gemmCase(false, true, [5]),
  gemmCase(true, false, [3, 5]),
  gemmCase(false, false, [3, 1]),
  {
    op: record(gemmOp),
    name: "gemm: linear map of sequences",
    shapes: [[2, 3, 4], [5, 4], [5]],
    build: (x, weight, bias) => linearProduct(x!, weight!, bias),
    reference: (x, weight, bias) =>
      gemmOf(false, true, { dims: [6, 4], data: x!.data }, weight!, bias),
  },
  {
    op: record(attentionOp),
    name: "attention",
    shapes: [q!, kv!, kv!],
    build: (q, k, v) => attention(q!, k!, v!, { scale: 0.5 }),
    reference: (q, k, v) => attentionOf(0.5, q!, k!, v!),
  },
  {
    op: record(attentionOp),
    name: "attention: unscaled, values of another width",
    shapes: [q!, kv!, [2, 2, 5, 6]],
    build: (q, k, v) => attention(q!, k!, v!, { scale: 1 }),
    reference: (q, k, v) => attentionOf(1, q!, k!, v!),
  },
  {
    op: record(attentionOp),
    name: "attention: a learned bias",
    shapes: [q!, kv!, kv!, [2, 3, 5]],
    build: (q, k, v, bias) => attention(q!, k!, v!, { scale: 0.5, bias: bias! }),
    reference: (q, k, v, bias) => attentionOf(0.5, q!, k!, v!, bias),
  },
  {
    op: record(attentionOp),
    name: "attention: hidden keys",
    shapes: [q!, kv!, kv!],
    fixed: [fixed("float32", [3, 5], mask)],
    build: (q, k, v, bias) => attention(q!, k!, v!, { scale: 0.5, bias: bias! }),
    reference: (q, k, v, bias) => attentionOf(0.5, q!, k!, v!, bias),
  },
];
