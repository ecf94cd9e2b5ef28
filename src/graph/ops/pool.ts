/** Largest and mean values of windows over pictures [B, C, H, W]. */
import { ShapeError } from "../../errors.ts";
import { type Dim, shapeText } from "../dim.ts";
import type { Tensor } from "../node.ts";
import { apply, type GradientCall, type Op, requireDtype, requireRank } from "../op.ts";
import { divide, multiply } from "./arithmetic.ts";
import { equal, indicator } from "./compare.ts";
import { convTransposeOp, evenPadding } from "./conv.ts";
import { concat, reshape } from "./layout.ts";
import { sum } from "./reduce.ts";
import { constant } from "./source.ts";
import { padAll, sliceAll } from "./window.ts";

interface PoolAttributes {
  /** Rows and columns of the window. */
  readonly kernel: number;
  readonly stride: number;
  /** Positions around the picture that windows may reach over and that count for nothing. */
  readonly padding: number;
}

function pooling(
  name: string,
  onnx: string,
  extra: Readonly<Record<string, { int: number }>>,
  gradient: (call: GradientCall<PoolAttributes>) => Tensor,
): Op<PoolAttributes> {
  return {
    name,
    infer: ([x], { kernel, stride, padding }) => {
      requireRank(name, x!, 4);
      requireDtype(name, x!, "float32");
      const [batch, channels, ...sides] = x!.shape as [Dim, Dim, number, number];
      const pooled = sides.map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1);
      if (pooled.every((side) => side >= 1)) {
        return [{ dtype: "float32", shape: [batch, channels, ...pooled] }];
      }
      throw new ShapeError({
        where: name,
        expected: `a picture of at least ${kernel} × ${kernel} with its padding`,
        got: `${shapeText(x!.shape)} with padding ${padding}`,
      });
    },
    emit: (emitter, { inputs, outputs, attributes: { kernel, stride, padding } }) => {
      const attributes = {
        kernel_shape: { ints: [kernel, kernel] },
        strides: { ints: [stride, stride] },
        pads: { ints: [padding, padding, padding, padding] },
        ...extra,
      };
      emitter.node(onnx, inputs, outputs[0]!, { attributes });
    },
    gradient: (call) => [gradient(call)],
  };
}

/** Which places of each window lie inside the picture: 1 or 0, [1, K², H′, W′]. */
function insideOf(
  x: Tensor,
  y: Tensor,
  { kernel, stride, padding }: PoolAttributes,
): Float32Array<ArrayBuffer> {
  const [height, width, tall, wide] = [...sidesOf(x), ...sidesOf(y)] as [
    number,
    number,
    number,
    number,
  ];
  const inside = new Float32Array(kernel ** 2 * tall * wide);
  let at = 0;
  for (let place = 0; place < kernel ** 2; place++) {
    const [i, j] = [Math.floor(place / kernel) - padding, (place % kernel) - padding];
    for (let row = i; row < i + tall * stride; row += stride) {
      for (let column = j; column < j + wide * stride; column += stride) {
        const within = row >= 0 && row < height && column >= 0 && column < width;
        inside[at++] = Number(within);
      }
    }
  }
  return inside;
}

const sidesOf = ({ shape }: Tensor) => shape.slice(2) as number[];

/** The places of the windows as channels, zero outside the picture: [B, C, H, W] → [B·C, K², H′, W′]. */
function placesOf(x: Tensor, y: Tensor, { kernel, stride, padding }: PoolAttributes): Tensor {
  const [tall, wide] = sidesOf(y) as [number, number];
  const border = [0, 0, padding, padding];
  const padded = padAll(x, border, border);
  const places = Array.from({ length: kernel ** 2 }, (_, place) => {
    const [i, j] = [Math.floor(place / kernel), place % kernel];
    const window = sliceAll(padded, [
      { axis: 2, start: i, end: i + (tall - 1) * stride + 1, step: stride },
      { axis: 3, start: j, end: j + (wide - 1) * stride + 1, step: stride },
    ]);
    return reshape(window, [-1, 1, tall, wide]);
  });
  return concat(places, 1);
}

/**
 * The other way: every pixel gets the sum of the places that stood for it. A transposed convolution
 * whose kernel for place k is 1 at k and 0 elsewhere. [B·C, K², H′, W′] → [B, C, H, W].
 */
function backToPicture(
  places: Tensor,
  x: Tensor,
  { kernel, stride, padding }: PoolAttributes,
): Tensor {
  const count = kernel ** 2;
  const kernels = Float32Array.from({ length: count ** 2 }, (_, i) =>
    Number(i % (count + 1) === 0),
  );
  const weight = constant(kernels, [count, 1, kernel, kernel]);
  const attributes = { stride, padding: evenPadding(padding), size: sidesOf(x) };
  return reshape(apply(convTransposeOp, [places, weight], attributes), x.shape);
}

/** A gradient as one channel that all places of a window share. */
function asOnePlace(g: Tensor): Tensor {
  return reshape(g, [-1, 1, ...sidesOf(g)]);
}

// equal maxima of a window share its gradient
export const maxPoolOp: Op<PoolAttributes> = pooling(
  "maxPool",
  "MaxPool",
  {},
  ({ g, inputs: [x], outputs: [y], attributes }) => {
    const equals = indicator(equal(placesOf(x!, y!, attributes), asOnePlace(y!)));
    // the zeros around the picture are no values of it
    const dims = [1, attributes.kernel ** 2, ...sidesOf(y!)];
    const inside = constant(insideOf(x!, y!, attributes), dims);
    const winners = attributes.padding === 0 ? equals : multiply(equals, inside);
    const share = divide(asOnePlace(g), sum(winners, 1));
    return backToPicture(multiply(winners, share), x!, attributes);
  },
);

// what of 1 / count reaches the zeros around the picture is cut off with them
export const averagePoolOp: Op<PoolAttributes> = pooling(
  "averagePool",
  "AveragePool",
  { count_include_pad: { int: 0 } },
  ({ g, inputs: [x], outputs: [y], attributes }) => {
    const places = attributes.kernel ** 2;
    const inside = insideOf(x!, y!, attributes);
    const windows = inside.length / places;
    const shares = inside.map((_, i) => 1 / countAt(inside, i % windows, windows));
    const share = constant(shares, [1, places, ...sidesOf(y!)]);
    return backToPicture(multiply(asOnePlace(g), share), x!, attributes);
  },
);

/** Places inside the picture of one window. */
function countAt(inside: Float32Array, window: number, windows: number): number {
  let count = 0;
  for (let at = window; at < inside.length; at += windows) count += inside[at]!;
  return count;
}

type Pool = (x: Tensor, attributes: PoolAttributes) => Tensor;

/** The largest value of each window. [B, C, H, W] → [B, C, H′, W′]. */
export const maxPool: Pool = (x, attributes) => apply(maxPoolOp, [x], attributes);
/** The mean over the part of each window inside the picture: padding is not counted. */
export const averagePool: Pool = (x, attributes) => apply(averagePoolOp, [x], attributes);
