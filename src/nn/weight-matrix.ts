/** Products with a layer's matrix, in whatever number format its scope keeps matrices. */
import type { Tensor } from "../graph/node.ts";
import { cast } from "../graph/ops/compare.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { blockProduct, int8Product } from "../graph/ops/quantized.ts";
import type { Initializer } from "./initializers.ts";
import type { Layer, Scope } from "./layer.ts";
import { BLOCK } from "./matrix-format.ts";

export interface WeightMatrix {
  readonly shape: readonly [outputs: number, inputs: number];
  readonly init: Initializer;
}

type Product = (x: Tensor, bias?: Tensor) => Tensor;

/**
 * x·Wᵀ + bias over the last axis. The matrix is the parameter at the layer's own path; scales, where
 * the format has them, are called `….scales`.
 */
export function weightMatrix(matrix: WeightMatrix): Layer<[x: Tensor, bias?: Tensor], Tensor> {
  return { bind: (scope) => product(scope, matrix) };
}

/** The same with a matrix, and a product, that is float32 in every format and precision. */
export function exactMatrix(matrix: WeightMatrix): Layer<[x: Tensor, bias?: Tensor], Tensor> {
  return {
    bind: (scope) => {
      const weight = scope.own(matrix);
      return (x, bias) => linearProduct(x, weight, bias, { exact: true });
    },
  };
}

function product(scope: Scope, { shape, init }: WeightMatrix): Product {
  const [outputs, inputs] = shape;
  const spec = { shape, init, matrix: true };
  const { matrices: format } = scope;
  if (format === "float32") {
    const weight = scope.own(spec);
    return (x, bias) => linearProduct(x, weight, bias);
  }
  if (format === "float16") {
    const weight = cast(scope.stored(spec, "float16", shape), "float32");
    return (x, bias) => linearProduct(x, weight, bias);
  }
  if (format === "int8") {
    const values = scope.stored(spec, "int8", [inputs, outputs]);
    const scales = scope.scales([outputs]);
    return (x, bias) => int8Product(x, values, scales, bias);
  }
  const bits = format === "int4-blocks" ? 4 : 8;
  const blocks = Math.ceil(inputs / BLOCK);
  const codes = scope.stored(spec, "uint8", [outputs, blocks, (BLOCK * bits) / 8]);
  const scales = scope.scales([outputs, blocks]);
  const options = { bits, block: BLOCK, inner: inputs } as const;
  return (x, bias) => blockProduct(x, codes, scales, { ...options, ...(bias && { bias }) });
}
