/** Convolution over pictures [B, C, H, W]. */
import { ShapeError } from "../../errors.ts";
import { requireStretches } from "../broadcast.ts";
import { type Dim, shapeText } from "../dim.ts";
import type { Emitter } from "../emitter.ts";
import type { Tensor, TensorSpec } from "../node.ts";
import { apply, type Op, requireRank } from "../op.ts";
import { concat, expand, reshape, transpose } from "./layout.ts";
import { matmul } from "./product.ts";
import { sum } from "./reduce.ts";
import { padAll, reverse, sliceAll } from "./window.ts";

/** Zeros around a picture. */
export interface Padding {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

interface ConvAttributes {
  readonly stride: number;
  readonly padding: Padding;
}

export function evenPadding(size: number): Padding {
  return { top: size, left: size, bottom: size, right: size };
}

const padsOf = ({ top, left, bottom, right }: Padding) => ({ ints: [top, left, bottom, right] });

export const convOp: Op<ConvAttributes> = {
  name: "conv2d",
  infer: ([x, weight, bias], { stride, padding }) => {
    requireRank("conv2d", x!, 4);
    requireRank("conv2d", weight!, 4);
    const [batch, channels, height, width] = x!.shape as [Dim, number, number, number];
    const [outputs, inputs, kernelHeight, kernelWidth] = weight!.shape as number[];
    if (channels !== inputs) {
      throw new ShapeError({
        where: "conv2d",
        expected: `${inputs} input channels`,
        got: shapeText(x!.shape),
      });
    }
    const size = (length: number, kernel: number, zeros: number) =>
      Math.floor((length + zeros - kernel) / stride) + 1;
    const tall = size(height, kernelHeight!, padding.top + padding.bottom);
    const wide = size(width, kernelWidth!, padding.left + padding.right);
    if (tall < 1 || wide < 1) {
      throw new ShapeError({
        where: "conv2d",
        expected: `a padded picture of at least ${kernelHeight} × ${kernelWidth}`,
        got: `${shapeText(x!.shape)} with padding ${Object.values(padding).join(", ")}`,
      });
    }
    if (bias) requireStretches("conv2d bias", bias.shape, [outputs!]);
    return [{ dtype: "float32", shape: [batch, outputs!, tall, wide] }];
  },
  emit: (emitter, { inputs, outputs, attributes: { stride, padding }, node }) => {
    const [x, weight, ...bias] = inputs as [string, string, string?];
    const missing = emitter.target === "webgpu" ? missingChannels(node.inputs[1]!) : 0;
    const whole = (name: string) => (missing === 0 ? name : emitMore(emitter, name, missing));
    const attributes = { strides: { ints: [stride, stride] }, pads: padsOf(padding) };
    emitter.node("Conv", [whole(x), whole(weight), ...(bias as string[])], outputs[0]!, {
      attributes,
    });
  },
  gradient: ({ g, inputs: [x, weight, bias], attributes }) => [
    inputGradient(g, x!, weight!, attributes),
    weightGradient(g, x!, weight!, attributes),
    bias && reshape(sum(g, 0, 2, 3), bias.shape),
  ],
};

/**
 * Channels of zeros that WebGPU's kernel needs: it reads a number of channels that 3 divides and 4 does
 * not three by three, and wrongly where there are more than three, if it writes four by four (engine
 * 1.30; microsoft/onnxruntime#29651).
 */
function missingChannels({ shape: [outputs, inputs] }: TensorSpec): number {
  const [rest, three] = [(inputs as number) % 4, (inputs as number) % 3 === 0];
  const misread = three && rest !== 0 && (inputs as number) > 3 && (outputs as number) % 4 === 0;
  return misread ? 4 - rest : 0;
}

/** Zeros behind the second axis of four. */
function emitMore(emitter: Emitter, name: string, count: number): string {
  return emitter.node("Pad", [name, emitter.ints([0, 0, 0, 0, 0, count, 0, 0])]);
}

/** Each input pixel collects from the outputs that saw it: taps reversed, channels exchanged. */
function inputGradient(
  g: Tensor,
  x: Tensor,
  weight: Tensor,
  { stride, padding }: ConvAttributes,
): Tensor {
  const [, , kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const rest = {
    top: kernelHeight - 1 - padding.top,
    left: kernelWidth - 1 - padding.left,
    bottom: kernelHeight - 1 - padding.bottom,
    right: kernelWidth - 1 - padding.right,
  };
  // more zeros than the kernel reaches would have to be cut off again
  const cuts = Object.values(rest).some((zeros) => zeros < 0);
  if (stride !== 1 || cuts) {
    return apply(convTransposeOp, [g, weight], {
      stride,
      padding,
      size: x.shape.slice(2) as number[],
    });
  }
  const flipped = reverse(transpose(weight, [1, 0, 2, 3]), [2, 3]);
  return conv2d(g, flipped, undefined, { padding: rest });
}

/**
 * One product [O, B·H·W]·[B·H·W, C] per tap, over the window of the padded input which that tap
 * saw: the fastest of five ways measured (ENGINE 4).
 */
function weightGradient(
  g: Tensor,
  x: Tensor,
  weight: Tensor,
  { stride, padding }: ConvAttributes,
): Tensor {
  const [outputs, inputs, kernelHeight, kernelWidth] = weight.shape as [
    number,
    number,
    number,
    number,
  ];
  const [, , tall, wide] = g.shape as [Dim, Dim, number, number];
  const gRows = reshape(transpose(g, [1, 0, 2, 3]), [outputs, -1]);
  const { top, left, bottom, right } = padding;
  const padded = padAll(transpose(x, [0, 2, 3, 1]), [0, top, left, 0], [0, bottom, right, 0]);
  const taps: Tensor[] = [];
  for (let i = 0; i < kernelHeight; i++) {
    for (let j = 0; j < kernelWidth; j++) {
      const window = sliceAll(padded, [
        { axis: 1, start: i, end: i + (tall - 1) * stride + 1, step: stride },
        { axis: 2, start: j, end: j + (wide - 1) * stride + 1, step: stride },
      ]);
      taps.push(reshape(matmul(gRows, reshape(window, [-1, inputs])), [outputs, inputs, 1]));
    }
  }
  return reshape(concat(taps, 2), weight.shape);
}

/** The input gradient of a strided convolution. */
export const convTransposeOp: Op<ConvAttributes & { readonly size: readonly number[] }> = {
  name: "convTranspose2d",
  infer: ([g, weight], { size }) => [
    { dtype: "float32", shape: [g!.shape[0]!, weight!.shape[1]!, ...size] },
  ],
  emit: (emitter, { inputs, outputs, attributes: { stride, padding, size }, node }) => {
    const kernel = node.inputs[1]!.shape.slice(2) as number[];
    const small = node.inputs[0]!.shape.slice(2) as number[];
    const zeros = [padding.top + padding.bottom, padding.left + padding.right];
    // rows that no output saw lie at the far edges
    const extra = size.map((s, i) => s - ((small[i]! - 1) * stride + kernel[i]! - zeros[i]!));
    const attributes = {
      strides: { ints: [stride, stride] },
      pads: padsOf(padding),
      output_padding: { ints: extra },
    };
    emitter.node("ConvTranspose", inputs, outputs[0]!, { attributes });
  },
  gradient: ({ g, inputs: [small, weight], attributes }) => [
    conv2d(g, weight!, undefined, attributes),
    weightGradient(small!, g, weight!, attributes),
  ],
};

/**
 * 2-D convolution. x [B, C, H, W], weight [O, C, kH, kW], bias [O] → [B, O, H', W'].
 *
 * @throws ShapeError if the channels differ.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  { stride = 1, padding = evenPadding(0) }: Partial<ConvAttributes> = {},
): Tensor {
  return apply(convOp, bias ? [x, weight, bias] : [x, weight], { stride, padding });
}

/** Every pixel repeated factor × factor times. [B, C, H, W] → [B, C, factor·H, factor·W]. */
export function upsampleNearest(x: Tensor, factor = 2): Tensor {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const apart = reshape(x, [batch, channels, height, 1, width, 1]);
  const repeated = expand(apart, [batch, channels, height, factor, width, factor]);
  return reshape(repeated, [batch, channels, height * factor, width * factor]);
}
