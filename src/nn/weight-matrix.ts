/** Products with a layer's matrix, in whatever number format its scope keeps matrices. */
import type { Tensor } from "../graph/node.ts";
import { cast } from "../graph/ops/compare.ts";
import { concat, split } from "../graph/ops/layout.ts";
import { linearProduct } from "../graph/ops/product.ts";
import { type BlockProductOptions, blockProduct, int8Product } from "../graph/ops/quantized.ts";
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

/**
 * Products of one x with several matrices of as many inputs, each the parameter at its name. Where
 * matrices are blocks of codes they are computed as one, which is faster than one by one.
 */
export function fannedMatrices<Name extends string>(
  matrices: Readonly<Record<Name, WeightMatrix>>,
): Layer<[x: Tensor], Readonly<Record<Name, Tensor>>> {
  const names = Object.keys(matrices) as Name[];
  const named = (results: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, results[i]])) as Record<Name, Tensor>;
  return {
    bind: (scope) => {
      const { matrices: format } = scope;
      if (format === "int4-blocks" || format === "int8-blocks") {
        const parts = names.map((name) => blockMatrix(scope.child(name), matrices[name], format));
        const sizes = parts.map(({ codes }) => codes.shape[0] as number);
        const joint = {
          ...parts[0]!,
          codes: concat(
            parts.map(({ codes }) => codes),
            0,
          ),
          scales: concat(
            parts.map(({ scales }) => scales),
            0,
          ),
        };
        return (x) => named(split(timesBlocks(x, joint), sizes, -1));
      }
      const products = names.map((name) => product(scope.child(name), matrices[name]));
      return (x) => named(products.map((times) => times(x)));
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
  const blocks = blockMatrix(scope, { shape, init }, format);
  return (x, bias) => timesBlocks(x, blocks, bias);
}

interface BlockMatrix {
  readonly codes: Tensor;
  readonly scales: Tensor;
  readonly options: BlockProductOptions;
}

function blockMatrix(
  scope: Scope,
  { shape, init }: WeightMatrix,
  format: "int4-blocks" | "int8-blocks",
): BlockMatrix {
  const [outputs, inputs] = shape;
  const bits = format === "int4-blocks" ? 4 : 8;
  const blocks = Math.ceil(inputs / BLOCK);
  const spec = { shape, init, matrix: true };
  return {
    codes: scope.stored(spec, "uint8", [outputs, blocks, (BLOCK * bits) / 8]),
    scales: scope.scales([outputs, blocks]),
    options: { bits, block: BLOCK, inner: inputs },
  };
}

function timesBlocks(x: Tensor, { codes, scales, options }: BlockMatrix, bias?: Tensor): Tensor {
  return blockProduct(x, codes, scales, { ...options, ...(bias && { bias }) });
}
