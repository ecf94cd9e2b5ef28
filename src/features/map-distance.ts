/** The arithmetic of `perceptualDistances` (src/metrics) inside a graph, where the maps are. */
import type { Tensor } from "../graph/node.ts";
import { add, divide, maximum, multiply, subtract } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { mean, sum, sumOfSquares } from "../graph/ops/reduce.ts";
import { sqrt, square } from "../graph/ops/unary.ts";

/** As in the released code: keeps positions where a network is silent from dividing by 0. */
const EPSILON = 1e-10;

/**
 * Σ over layers of the mean over positions of Σ_c w_c (f_c / ‖f‖ − g_c / ‖g‖)².
 *
 * @param first, second one map [B, C, H, W] for each layer.
 * @param weights [1, C, 1, 1] for each layer; all 1 without them.
 * @returns [B].
 */
export function mapDistance(
  first: readonly Tensor[],
  second: readonly Tensor[],
  weights?: readonly Tensor[],
): Tensor {
  const layers = first.map((f, i) => {
    const squares = square(subtract(unitLength(f), unitLength(second[i]!)));
    const weighted = weights ? multiply(squares, weights[i]!) : squares;
    return reshape(mean(sum(weighted, 1), 2, 3), [f.shape[0]!]);
  });
  return layers.reduce(add);
}

/** Vectors over the channels. */
function unitLength(map: Tensor): Tensor {
  // the slope of the root at 0 would make NaN of the gradient where a network is silent
  const squares = maximum(sumOfSquares(map, 1), EPSILON ** 2);
  return divide(map, add(sqrt(squares), EPSILON));
}
