/**
 * Products with matrices of small integers, for sampling: the weights do not change, and rounding
 * has no gradient.
 *
 * Axes: M rows · K inner size · N columns · G = ⌈K / block⌉ blocks
 */
import { ShapeError } from "../../errors.ts";
import { type Dim, equalDims, shapeText } from "../dim.ts";
import type { Emitter, OnnxAttribute } from "../emitter.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireDtype, requireRank } from "../op.ts";

const SAMPLING_ONLY = "Weights of whole numbers are for sampling: train in float32.";

function requireShape(where: string, what: string, tensor: Tensor, shape: readonly Dim[]): void {
  const { shape: got } = tensor;
  if (got.length === shape.length && got.every((dim, i) => equalDims(dim, shape[i]!))) return;
  const expected = `${what} ${shapeText(shape)}`;
  throw new ShapeError({ where, expected, got: shapeText(got) });
}

/** x [..., K] → [..., N]. */
function productSpec(x: Tensor, columns: Dim) {
  return [{ dtype: "float32" as const, shape: [...x.shape.slice(0, -1), columns] }];
}

/**
 * x·W for W = values ⊙ scales by column, with x rounded as well: to 8 bits over the range of all of
 * it, 0 included, as `DynamicQuantizeLinear` does.
 */
export const int8ProductOp: Op = {
  name: "int8Product",
  infer: ([x, values, scales, bias]) => {
    requireDtype("int8Product", x!, "float32");
    requireDtype("int8Product", values!, "int8");
    requireRank("int8Product", values!, 2);
    const [inner, columns] = values!.shape as [Dim, Dim];
    requireShape("int8Product", "x", x!, [...x!.shape.slice(0, -1), inner]);
    requireShape("int8Product", "scales", scales!, [columns]);
    if (bias) requireShape("int8Product", "a bias", bias, [columns]);
    return productSpec(x!, columns);
  },
  emit: (emitter, { inputs: [x, values, scales, bias], outputs: [output] }) => {
    if (emitter.target === "cpu") {
      const inputs = [x!, values!, scales!, ...(bias ? ["", bias] : [])];
      emitter.node("DynamicQuantizeMatMul", inputs, output, { domain: "com.microsoft" });
      return;
    }
    const [codes, scale, zero] = [emitter.temporary(), emitter.temporary(), emitter.temporary()];
    emitter.nodes("DynamicQuantizeLinear", [x!], [codes, scale, zero]);
    const integers = emitter.node("MatMulInteger", [codes, values!, zero]);
    const attributes = { to: { int: 1 } };
    const sums = emitter.node("Cast", [integers], undefined, { attributes });
    const factors = emitter.node("Mul", [scale, scales!]);
    const product = emitter.node("Mul", [sums, factors], bias ? undefined : output);
    if (bias) emitter.node("Add", [product, bias], output);
  },
  gradient: null,
  gradientRefused: SAMPLING_ONLY,
};

/**
 * x [..., K] times int8 values [K, N] with a float32 scale for each column [N], plus a bias [N].
 * Values beyond ±64 may saturate on CPUs that add pairs of products in 16 bits.
 */
export function int8Product(x: Tensor, values: Tensor, scales: Tensor, bias?: Tensor): Tensor {
  return apply(int8ProductOp, bias ? [x, values, scales, bias] : [x, values, scales], {});
}

export interface BlockProductOptions {
  readonly bits: 4 | 8;
  /** Numbers of a row that share a scale: a power of 2 from 16 on. */
  readonly block: number;
  /** K; the last block is padded. */
  readonly inner: number;
}

/**
 * x·Wᵀ for W [N, K] whose blocks along K have a scale each: W = (code − 2^(bits − 1))·scale. The
 * CPU's kernel rounds x to 8 bits, block by block; the other forms do not.
 */
export const blockProductOp: Op<BlockProductOptions> = {
  name: "blockProduct",
  infer: ([x, codes, scales, bias], { bits, block, inner }) => {
    requireDtype("blockProduct", x!, "float32");
    requireDtype("blockProduct", codes!, "uint8");
    const columns = codes!.shape[0]!;
    const blocks = Math.ceil(inner / block);
    requireShape("blockProduct", "x", x!, [...x!.shape.slice(0, -1), inner]);
    requireShape("blockProduct", "codes", codes!, [columns, blocks, (block * bits) / 8]);
    requireShape("blockProduct", "scales", scales!, [columns, blocks]);
    if (bias) requireShape("blockProduct", "a bias", bias, [columns]);
    return productSpec(x!, columns);
  },
  emit: (emitter, { inputs, outputs: [output], attributes, node }) => {
    const [x, codes, scales, bias] = inputs as [string, string, string, string?];
    const columns = node.inputs[1]!.shape[0] as number;
    if (emitter.target === "portable") {
      const weights = emitDecoded(emitter, [codes, scales], attributes);
      const product = emitter.node("MatMul", [x, weights], bias ? undefined : output);
      if (bias) emitter.node("Add", [product, bias], output);
      return;
    }
    emitter.node("MatMulNBits", [x, codes, scales, ...(bias ? ["", "", bias] : [])], output, {
      domain: "com.microsoft",
      attributes: nBitsAttributes(attributes, columns, emitter.target === "cpu"),
    });
  },
  gradient: null,
  gradientRefused: SAMPLING_ONLY,
};

function nBitsAttributes(
  { bits, block, inner }: BlockProductOptions,
  columns: number,
  onCpu: boolean,
): Record<string, OnnxAttribute> {
  return {
    K: { int: inner },
    N: { int: columns },
    bits: { int: bits },
    block_size: { int: block },
    // without it the CPU's kernel is up to 26 times slower (ENGINE 3)
    ...(onCpu && { accuracy_level: { int: 4 } }),
  };
}

/** The matrix as float32 [K, N], in operators of the standard. */
function emitDecoded(
  emitter: Emitter,
  [codes, scales]: readonly [codes: string, scales: string],
  { bits, block, inner }: BlockProductOptions,
): string {
  const attributes = { to: { int: 1 } };
  const bytes = emitter.node("Cast", [codes], undefined, { attributes });
  const whole = bits === 4 ? emitNibbles(emitter, bytes) : bytes;
  const blocks = emitter.node("Reshape", [whole, emitter.ints([0, -1, block])]);
  const centred = emitter.node("Sub", [blocks, emitter.scalar(2 ** (bits - 1))]);
  const factors = emitter.node("Unsqueeze", [scales, emitter.ints([-1])]);
  const values = emitter.node("Mul", [centred, factors]);
  const rows = emitter.node("Reshape", [values, emitter.ints([0, -1])]);
  const ends = [emitter.ints([0]), emitter.ints([inner]), emitter.ints([1])];
  const cut = emitter.node("Slice", [rows, ...ends]);
  return emitter.node("Transpose", [cut], undefined, { attributes: { perm: { ints: [1, 0] } } });
}

/** Each byte as two numbers, the low half first: [N, G, b] → [N, G, b, 2]. */
function emitNibbles(emitter: Emitter, bytes: string): string {
  const high = emitter.node("Floor", [emitter.node("Mul", [bytes, emitter.scalar(1 / 16)])]);
  const low = emitter.node("Sub", [bytes, emitter.node("Mul", [high, emitter.scalar(16)])]);
  const last = emitter.ints([-1]);
  const halves = [low, high].map((half) => emitter.node("Unsqueeze", [half, last]));
  return emitter.node("Concat", halves, undefined, { attributes: { axis: { int: -1 } } });
}

/**
 * x [..., K] times the transpose of a matrix of blocks: codes uint8 [N, G, block·bits / 8], of 4
 * bits the low half of a byte first; scales float32 [N, G]; a bias [N].
 */
export function blockProduct(
  x: Tensor,
  codes: Tensor,
  scales: Tensor,
  options: BlockProductOptions & { readonly bias?: Tensor },
): Tensor {
  const { bias, ...attributes } = options;
  return apply(blockProductOp, bias ? [x, codes, scales, bias] : [x, codes, scales], attributes);
}
