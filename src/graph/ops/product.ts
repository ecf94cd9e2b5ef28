/** Matrix products. */
import { ShapeError } from "../../errors.ts";
import { broadcastShapes, requireStretches } from "../broadcast.ts";
import { type Dim, equalDims, shapeText } from "../dim.ts";
import type { Emitter } from "../emitter.ts";
import type { Node, Tensor } from "../node.ts";
import { apply, type Op, requireDtype, requireRank } from "../op.ts";
import { reshape, transpose } from "./layout.ts";
import { sum } from "./reduce.ts";
import { constant } from "./source.ts";

function requireInner(where: string, a: Tensor, b: Tensor, inner: readonly [Dim, Dim]): void {
  if (equalDims(inner[0], inner[1])) return;
  throw new ShapeError({
    where,
    expected: "equal inner sizes",
    got: `${shapeText(a.shape)} and ${shapeText(b.shape)}`,
  });
}

export interface MatmulOptions {
  /** The last two axes of the operand are meant exchanged; nothing is copied for it on the CPU. */
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Factor on the product; default 1. */
  readonly scale?: number;
  /** In float32 whatever the graph's precision. */
  readonly exact?: boolean;
}

/** scale·op(a)·op(b), where op may exchange the last two axes. */
export const matmulOp: Op<MatmulOptions> = {
  name: "matmul",
  infer: ([a, b], { transposeA, transposeB }) => {
    for (const x of [a!, b!]) {
      requireDtype("matmul", x, "float32");
      if (x.shape.length < 2) requireRank("matmul", x, 2);
    }
    const [rows, left] = lastTwo(a!, transposeA);
    const [right, columns] = lastTwo(b!, transposeB);
    requireInner("matmul", a!, b!, [left, right]);
    const batch = broadcastShapes("matmul", a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [{ dtype: "float32", shape: [...batch, rows, columns] }];
  },
  emit: (emitter, { inputs: [a, b], outputs, attributes, node }) => {
    const { transposeA = false, transposeB = false, scale = 1, exact = false } = attributes;
    if (!transposeA && !transposeB && scale === 1) {
      emitter.node("MatMul", [a!, b!], outputs[0]!, { exact });
    } else if (emitter.target === "cpu") {
      emitFusedMatMul(emitter, [a!, b!], outputs[0]!, attributes);
    } else {
      const left = transposeA ? emitSwapLast(emitter, a!, node.inputs[0]!) : a!;
      const right = transposeB ? emitSwapLast(emitter, b!, node.inputs[1]!) : b!;
      const scaled = scale === 1 ? left : emitter.node("Mul", [left, emitter.scalar(scale)]);
      emitter.node("MatMul", [scaled, right], outputs[0]!, { exact });
    }
  },
  gradient: ({ g, inputs: [a, b], attributes }) => {
    const { transposeA: ta = false, transposeB: tb = false, scale = 1, exact = false } = attributes;
    const product = (x: Tensor, y: Tensor, transposeA: boolean, transposeB: boolean) =>
      matmul(x, y, { transposeA, transposeB, scale, exact });
    return [
      ta ? product(b!, g, tb, true) : product(g, b!, false, !tb),
      tb ? product(g, a!, true, ta) : product(a!, g, !ta, false),
    ];
  },
};

function lastTwo({ shape }: Tensor, exchanged = false): readonly [Dim, Dim] {
  const [rows, columns] = shape.slice(-2) as [Dim, Dim];
  return exchanged ? [columns, rows] : [rows, columns];
}

/** The CPU provider's product that takes transposed operands and a factor. */
export function emitFusedMatMul(
  emitter: Emitter,
  inputs: readonly [a: string, b: string],
  output: string | undefined,
  { transposeA = false, transposeB = false, scale = 1, exact = false }: MatmulOptions,
): string {
  return emitter.node("FusedMatMul", inputs, output, {
    domain: "com.microsoft",
    exact,
    attributes: {
      transA: { int: transposeA ? 1 : 0 },
      transB: { int: transposeB ? 1 : 0 },
      alpha: { float: scale },
    },
  });
}

function emitSwapLast(emitter: Emitter, x: string, { shape }: Tensor): string {
  const attributes = { perm: { ints: swappedAxes(shape.length) } };
  return emitter.node("Transpose", [x], undefined, { attributes });
}

/**
 * a·b over the last two axes; the others broadcast. a [..., M, K], b [..., K, N] → [..., M, N].
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  return apply(matmulOp, [a, b], options);
}

/** Exchanges the last two axes. */
export function swapLast(x: Tensor): Tensor {
  return transpose(x, swappedAxes(x.shape.length));
}

function swappedAxes(rank: number): number[] {
  return [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
}

interface GemmAttributes {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
  readonly exact?: boolean;
}

/**
 * op(a)·op(b) + bias for matrices, either of them transposed without a copy. Weights stay as
 * checkpoints have them, [out, in]; the bias broadcasts over rows.
 */
export const gemmOp: Op<GemmAttributes> = {
  name: "gemm",
  infer: ([a, b, bias], { transposeA, transposeB }) => {
    for (const x of [a!, b!]) {
      requireDtype("gemm", x, "float32");
      requireRank("gemm", x, 2);
    }
    const [m, ka] = transposeA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
    const [kb, n] = transposeB ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!];
    requireInner("gemm", a!, b!, [ka, kb]);
    if (bias) requireStretches("gemm", bias.shape, [m, n]);
    return [{ dtype: "float32", shape: [m, n] }];
  },
  emit: (emitter, { inputs: [a, ...others], outputs, attributes, node }) => {
    const { transposeA, transposeB, exact = false } = attributes;
    if (emitter.unpacked && emitter.target === "cpu" && weightIsLarger(node, attributes)) {
      emitWeightFirst(emitter, [a!, ...others] as [string, string, string?], outputs[0]!, exact);
      return;
    }
    const turned = transposeA && emitter.target === "cpu" && worthTurning(node);
    const left = turned ? emitter.node("Transpose", [a!], undefined, swapped) : a!;
    const options = {
      exact,
      attributes: {
        ...(transposeA && !turned && { transA: { int: 1 } }),
        ...(transposeB && { transB: { int: 1 } }),
      },
    };
    const [b, bias] = others;
    if (bias && emitter.target === "cpu" && biasComesAfter(node)) {
      const product = emitter.node("Gemm", [left, b!], undefined, options);
      emitter.node("Add", [product, bias], outputs[0]!);
    } else emitter.node("Gemm", [left, ...others], outputs[0]!, options);
  },
  gradient: ({ g, inputs: [a, b, bias], attributes }) => {
    const { transposeA: ta, transposeB: tb, ...others } = attributes;
    const product = (x: Tensor, y: Tensor, transposeA: boolean, transposeB: boolean) =>
      apply(gemmOp, [x, y], { ...others, transposeA, transposeB });
    return [
      ta ? product(b!, g, tb, true) : product(g, b!, false, !tb),
      tb ? product(g, a!, true, ta) : product(a!, g, !ta, false),
      bias && (bias.shape.length < 2 ? sumRows(g) : g),
    ];
  },
};

/** Whether few vectors are multiplied by a matrix as checkpoints have it. */
function weightIsLarger({ inputs, outputs }: Node, attributes: GemmAttributes): boolean {
  const plainBias = (inputs[2]?.shape.length ?? 1) === 1;
  if (attributes.transposeA || !attributes.transposeB || !plainBias) return false;
  const [vectors, width] = outputs[0]!.shape as [Dim, Dim];
  return typeof vectors === "number" && (typeof width !== "number" || vectors < width);
}

/** (b·aᵀ + biasᵀ)ᵀ */
function emitWeightFirst(
  emitter: Emitter,
  [a, b, bias]: readonly [a: string, b: string, bias?: string],
  output: string,
  exact: boolean,
): void {
  const column = bias ? [emitter.node("Unsqueeze", [bias, emitter.ints([1])])] : [];
  const product = emitter.node("Gemm", [b, a, ...column], undefined, {
    exact,
    attributes: { transB: { int: 1 } },
  });
  emitter.node("Transpose", [product], output, swapped);
}

const swapped = { attributes: { perm: { ints: [1, 0] } } };

/**
 * The CPU kernel turns a transposed left operand anew for every 128 columns of the result: turning
 * it once beforehand is 8 to 14 % faster where the result has several such blocks.
 */
function worthTurning(node: Node): boolean {
  const [rows, columns] = fixedSizes(node);
  return rows >= 64 && columns >= 256;
}

/**
 * The CPU kernel writes the bias into the whole result beforehand, on one thread: where the result is
 * large, adding it afterwards on all threads takes 0.6 of the time.
 */
function biasComesAfter(node: Node): boolean {
  const [rows, columns] = fixedSizes(node);
  return rows * columns >= 2 ** 20;
}

/** Of the result; zeros where they are not known beforehand. */
function fixedSizes({ outputs }: Node): readonly [rows: number, columns: number] {
  const [rows, columns] = outputs[0]!.shape as [Dim, Dim];
  return typeof rows === "number" && typeof columns === "number" ? [rows, columns] : [0, 0];
}

export function gemm(
  a: Tensor,
  b: Tensor,
  transposeA: boolean,
  transposeB: boolean,
  bias?: Tensor,
): Tensor {
  return apply(gemmOp, bias ? [a, b, bias] : [a, b], { transposeA, transposeB });
}

/** The same in float32 whatever the graph's precision: for distances, and for sums of many. */
export function exactGemm(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  return apply(gemmOp, [a, b], { transposeA, transposeB, exact: true });
}

// a product with ones is 2.6 times as fast as a sum over rows (ENGINE 5)
function sumRows(g: Tensor): Tensor {
  const rows = g.shape[0]!;
  if (typeof rows !== "number") return reshape(sum(g, 0), [g.shape[1]!]);
  const ones = constant(new Float32Array(rows).fill(1), [1, rows]);
  return reshape(exactGemm(ones, g, false, false), [g.shape[1]!]);
}

/** x·Wᵀ + bias over the last axis. x [..., in], weight [out, in], bias [out] → [..., out]. */
export function linearProduct(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { exact = false }: Pick<MatmulOptions, "exact"> = {},
): Tensor {
  const [outputs, inputs] = weight.shape as [Dim, Dim];
  const operands = [reshape(x, [-1, inputs]), weight, ...(bias ? [bias] : [])];
  const product = apply(gemmOp, operands, { transposeA: false, transposeB: true, exact });
  return reshape(product, [...x.shape.slice(0, -1), outputs]);
}
