/** Largest and mean values of windows over pictures [B, C, H, W]. */
import { ShapeError } from "../../errors.ts";
import { type Dim, shapeText } from "../dim.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireDtype, requireRank } from "../op.ts";

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
    gradient: null,
    gradientRefused:
      "Pooling is for networks that measure; what is trained is halved by `resample`.",
  };
}

export const maxPoolOp: Op<PoolAttributes> = pooling("maxPool", "MaxPool", {});
export const averagePoolOp: Op<PoolAttributes> = pooling("averagePool", "AveragePool", {
  count_include_pad: { int: 0 },
});

type Pool = (x: Tensor, attributes: PoolAttributes) => Tensor;

/** The largest value of each window. [B, C, H, W] → [B, C, H′, W′]; no gradient. */
export const maxPool: Pool = (x, attributes) => apply(maxPoolOp, [x], attributes);
/** The mean over the part of each window inside the picture: padding is not counted. No gradient. */
export const averagePool: Pool = (x, attributes) => apply(averagePoolOp, [x], attributes);
