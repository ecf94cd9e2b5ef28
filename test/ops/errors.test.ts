/** What users read when tensors do not fit: raised while tracing, never by the engine. */
import { describe, expect, it } from "vitest";
import { OrdoError } from "../../src/errors.ts";
import { pullBack } from "../../src/graph/autodiff.ts";
import { addDims, namedDim, type Shape } from "../../src/graph/dim.ts";
import type { Dtype } from "../../src/graph/dtype.ts";
import type { Tensor } from "../../src/graph/node.ts";
import { add } from "../../src/graph/ops/arithmetic.ts";
import { attention } from "../../src/graph/ops/attention.ts";
import { conv2d, evenPadding } from "../../src/graph/ops/conv.ts";
import {
  gatherElements,
  lookup,
  replaceRows,
  scatterAddElements,
} from "../../src/graph/ops/indexing.ts";
import * as layout from "../../src/graph/ops/layout.ts";
import { groupNorm } from "../../src/graph/ops/norm.ts";
import { topK } from "../../src/graph/ops/order.ts";
import { maxPool } from "../../src/graph/ops/pool.ts";
import { gemm, matmul } from "../../src/graph/ops/product.ts";
import { blockProduct, int8Product } from "../../src/graph/ops/quantized.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { where } from "../../src/graph/ops/select.ts";
import { crossEntropy, softmax } from "../../src/graph/ops/softmax.ts";
import { input } from "../../src/graph/ops/source.ts";
import { exp } from "../../src/graph/ops/unary.ts";
import { pad, slice } from "../../src/graph/ops/window.ts";
import { evaluate } from "./evaluate.ts";

const t = (shape: Shape, dtype: Dtype = "float32") => input("x", dtype, shape);
const [n, m] = [namedDim("n"), namedDim("m")];

const failures: [string, () => unknown][] = [
  ["add: expected shapes that broadcast, got [2, 3] and [2, 4]", () => add(t([2, 3]), t([2, 4]))],
  ["add: expected shapes that broadcast, got [n] and [m]", () => add(t([n]), t([m]))],
  ["add: expected float32, got int32", () => add(t([2]), t([2], "int32"))],
  ["add: expected float32 or int32 or int64, got bool", () => add(t([2], "bool"), t([2], "bool"))],
  ["exp: expected float32, got int32", () => exp(t([2], "int32"))],
  ["where: expected bool, got float32", () => where(t([2]), 1, 0)],
  ["sum: expected an axis of [2, 3], got axis 2", () => sum(t([2, 3]), 2)],
  ["softmax: expected an axis of [2, 3], got axis -3", () => softmax(t([2, 3]), -3)],
  ["matmul: expected equal inner sizes, got [2, 3] and [4, 2]", () => matmul(t([2, 3]), t([4, 2]))],
  ["matmul: expected rank 2, got [3]", () => matmul(t([3]), t([3, 2]))],
  ["gemm: expected rank 2, got [1, 2, 3]", () => gemm(t([1, 2, 3]), t([3, 2]), false, false)],
  [
    "gemm: expected a shape that broadcasts to [2, 4], got [3]",
    () => gemm(t([2, 3]), t([3, 4]), false, false, t([3])),
  ],
  [
    "attention: expected q [B, H, S, D], k [B, H, T, D], v [B, H, T, D], got [1, 2, 3, 4], [1, 2, 5, 6], [1, 2, 5, 4]",
    () => attention(t([1, 2, 3, 4]), t([1, 2, 5, 6]), t([1, 2, 5, 4]), { scale: 1 }),
  ],
  [
    "replaceRows: expected rows [4, 3], got [4, 2]",
    () => replaceRows(t([2, 5, 3]), t([4, 2], "int64"), t([4, 2])),
  ],
  [
    "reshape: expected as many elements as [2, 3], got [4, 2]",
    () => layout.reshape(t([2, 3]), [4, 2]),
  ],
  [
    "reshape: expected a shape that fits [2, 3], got [4, -1]",
    () => layout.reshape(t([2, 3]), [4, -1]),
  ],
  [
    "transpose: expected a permutation of the 2 axes, got [0, 0]",
    () => layout.transpose(t([2, 3]), [0, 0]),
  ],
  [
    "concat: expected tensors like float32 [2, 3] outside axis 1, got float32 [4, 3]",
    () => layout.concat([t([2, 3]), t([4, 3])], 1),
  ],
  [
    "split: expected parts that sum to axis 1 of [2, 5], got 2 + 2",
    () => layout.split(t([2, 5]), [2, 2], 1),
  ],
  ["chunk: expected axis -1 divisible by 2, got [2, 5]", () => layout.chunk(t([2, 5]), 2, -1)],
  [
    "expand: expected a shape that broadcasts to [2, 4], got [3]",
    () => layout.expand(t([3]), [2, 4]),
  ],
  [
    "expand: expected a shape that broadcasts to [1, 3], got [2, 3]",
    () => layout.expand(t([2, 3]), [1, 3]),
  ],
  ["expand: expected known sizes, got [n, 3]", () => layout.expand(t([1, 3]), [n, 3])],
  ["slice: expected a range inside axis 1 of [2, 3], got [1, 4]", () => slice(t([2, 3]), 1, 1, 4)],
  ["slice: expected a range inside axis 0 of [2, 3], got [-1, 2]", () => slice(t([2, 3]), 0, -1)],
  [
    "what a slice leaves over: expected a known size of axis 0, got m",
    () => slice(t([addDims(n, m)]), 0, 0, n),
  ],
  ["slice with a step: expected a known size of axis 0, got n", () => slice(t([n]), 0, 0, n, 2)],
  ["topK: expected k from 1 to the last axis of [2, 3], got 4", () => topK(t([2, 3]), 4)],
  ["lookup: expected int32 or int64, got float32", () => lookup(t([4, 2]), t([3]))],
  ["lookup: expected rank 2, got [4]", () => lookup(t([4]), t([3], "int32"))],
  ["gatherElements: expected rank 1, got [2, 3]", () => gatherElements(t([2, 3]), t([2], "int32"))],
  [
    "scatterAddElements: expected updates [2, 1], got [2, 2]",
    () => scatterAddElements(t([2, 3]), t([2, 1], "int32"), t([2, 2])),
  ],
  ["crossEntropy: expected ids [6, 1], got [6]", () => crossEntropy(t([6, 4]), t([6], "int32"))],
  [
    "conv2d: expected 3 input channels, got [1, 4, 8, 8]",
    () => conv2d(t([1, 4, 8, 8]), t([5, 3, 3, 3])),
  ],
  [
    "conv2d: expected a padded picture of at least 5 × 5, got [1, 3, 2, 8] with padding 1, 1, 1, 1",
    () => conv2d(t([1, 3, 2, 8]), t([4, 3, 5, 5]), undefined, { padding: evenPadding(1) }),
  ],
  [
    "conv2d bias: expected a shape that broadcasts to [4], got [3]",
    () => conv2d(t([1, 3, 8, 8]), t([4, 3, 3, 3]), t([3])),
  ],
  [
    "maxPool: expected a picture of at least 3 × 3 with its padding, got [1, 2, 2, 5] with padding 0",
    () => maxPool(t([1, 2, 2, 5]), { kernel: 3, stride: 2, padding: 0 }),
  ],
  [
    "groupNorm: expected weight and bias [6], got [3]",
    () => groupNorm(t([1, 6, 2, 2]), t([3]), t([6]), 2),
  ],
  [
    "groupNorm: expected channels divisible by 4 groups, got 6 channels",
    () => groupNorm(t([1, 6, 2, 2]), t([6]), t([6]), 4),
  ],
  [
    "gradient of concat: expected known sizes along axis 0, got n + 2",
    () => {
      const x = t([n, 3]);
      const longer = layout.concat([x, t([2, 3])], 0);
      return pullBack([longer], [t(longer.shape)], [x]);
    },
  ],
  [
    "int8Product: expected x [2, 3], got [2, 4]",
    () => int8Product(t([2, 4]), t([3, 5], "int8"), t([5])),
  ],
  [
    "int8Product: expected int8, got uint8",
    () => int8Product(t([2, 3]), t([3, 5], "uint8"), t([5])),
  ],
  [
    "blockProduct: expected codes [5, 2, 16], got [5, 1, 16]",
    () =>
      blockProduct(t([2, 40]), t([5, 1, 16], "uint8"), t([5, 2]), {
        bits: 4,
        block: 32,
        inner: 40,
      }),
  ],
  [
    "int8Product: expected an op with a gradient, got none. Weights of whole numbers are for sampling: train in float32.",
    () => {
      const x = t([2, 3]);
      const y = int8Product(x, t([3, 5], "int8"), t([5]));
      return pullBack([y], [t([2, 5])], [x]);
    },
  ],
];

describe("tensors that do not fit", () => {
  it.each(failures)("%s", (message, trace) => {
    const error = caught(trace);
    expect(error).toBeInstanceOf(OrdoError);
    expect((error as OrdoError).message).toBe(message);
  });
});

function caught(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe("windows of axes with named sizes", () => {
  const x = input("x", "float32", [n]);
  const run = async (y: Tensor) =>
    (await evaluate({ y }, { x: { data: Float32Array.of(1, 2, 3, 4), dims: [4] } })).y;

  it("may leave out a known number of elements at either end", async () => {
    expect(await run(slice(x, 0, 1, addDims(n, -1)))).toEqual([2, 3]);
    expect(await run(slice(x, 0, 2))).toEqual([3, 4]);
    expect(await run(slice(x, 0, 0, 3))).toEqual([1, 2, 3]);
    expect(await run(slice(pad(x, 0, 1, 2), 0, 1, addDims(n, 1)))).toEqual([1, 2, 3, 4]);
  });
});
