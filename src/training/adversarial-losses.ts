/** What a generator and a discriminator of pictures are after (sheet llamagen, "Tokenizer training"). */
import { grad } from "../graph/autodiff.ts";
import type { Tensor } from "../graph/node.ts";
import { add, divide, minimum, multiply, negate, subtract } from "../graph/ops/arithmetic.ts";
import { reshape } from "../graph/ops/layout.ts";
import { mean, sumOfSquares } from "../graph/ops/reduce.ts";
import { stopGradient } from "../graph/ops/stop-gradient.ts";
import { relu, sqrt } from "../graph/ops/unary.ts";

/** ½·(mean relu(1 − D(x)) + mean relu(1 + D(x̂))): 0 where all is told apart by a margin of 1. */
export function hingeLoss(real: Tensor, fake: Tensor): Tensor {
  const wrong = add(mean(relu(subtract(1, real))), mean(relu(add(fake, 1))));
  return multiply(reshape(wrong, []), 0.5);
}

/** −mean D(x̂). */
export function generatorLoss(fake: Tensor): Tensor {
  return reshape(negate(mean(fake)), []);
}

/** Keeps the factor finite where the adversary has no say yet. */
const SOFTENING = 1e-4;

/**
 * min(‖∂loss/∂W‖ / (‖∂adversarial/∂W‖ + 1e-4), limit), a scalar that no gradient flows through: the
 * adversarial loss times it moves W as much as the other loss does (Esser et al. 2021, eq. 7).
 *
 * @param last W, the weight that makes the picture, on which both losses depend.
 */
export function adaptiveWeight(
  loss: Tensor,
  adversarial: Tensor,
  last: Tensor,
  limit: number,
): Tensor {
  const [wanted, opposed] = [loss, adversarial].map((value) => {
    const [gradient] = grad(value, [last]);
    return reshape(sqrt(sumOfSquares(gradient!)), []);
  });
  return stopGradient(minimum(divide(wanted!, add(opposed!, SOFTENING)), limit));
}
