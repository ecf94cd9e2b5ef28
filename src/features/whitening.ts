/**
 * First filters under which patches of pictures become numbers of about equal variance that do not
 * depend on each other. Random filters all answer to brightness alone: of the variance of 3×3 patches
 * of photographs 80 % lies there, and under a tenth in all edges together.
 *
 * The principal components of such patches are, closely, opponent colours times cosines. Training
 * reached the loss of step 650 at step 370 with these filters (cifar-classifier).
 */
import type { Initializer } from "../nn/initializers.ts";
import { fanIn } from "../nn/initializers.ts";

/** Orthonormal in three numbers: even, slope, bend; as colours luma, red against blue, green. */
const basis: readonly (readonly [number, number, number])[] = [
  [1 / Math.sqrt(3), 1 / Math.sqrt(3), 1 / Math.sqrt(3)],
  [1 / Math.sqrt(2), 0, -1 / Math.sqrt(2)],
  [1 / Math.sqrt(6), -2 / Math.sqrt(6), 1 / Math.sqrt(6)],
];

/** Colour, change downwards, change to the right; variance on CIFAR-10 for pixels in [−1, 1]. */
const components: readonly (readonly [colour: number, down: number, right: number, number])[] = [
  [0, 0, 0, 5.16],
  [1, 0, 0, 0.426],
  [0, 1, 0, 0.353],
  [0, 0, 1, 0.284],
  [2, 0, 0, 0.0931],
  [0, 1, 1, 0.0685],
  [0, 2, 0, 0.0594],
  [0, 0, 2, 0.0538],
  [0, 1, 2, 0.0185],
  [0, 2, 1, 0.0173],
  [1, 1, 0, 0.00716],
  [0, 2, 2, 0.0053],
  [1, 0, 1, 0.00474],
  [2, 1, 0, 0.00242],
  [2, 0, 1, 0.00179],
];

/** What is weaker than this is noise, and not made stronger. */
const NOISE = 5e-4;

/** Weights [out, 3, 3, 3]: each component with both signs; random ones where components run out. */
export const whitening: Initializer = (shape, random) => {
  const weights = fanIn()(shape, random);
  const filters = components.flatMap((component) => {
    const filter = filterOf(component);
    return [filter, filter.map((value) => -value)];
  });
  filters.slice(0, shape[0]).forEach((filter, i) => {
    weights.set(filter, 27 * i);
  });
  return weights;
};

function filterOf([colour, down, right, variance]: (typeof components)[number]): number[] {
  const scale = 1 / Math.sqrt(variance + NOISE);
  return basis[colour]!.flatMap((c) =>
    basis[down]!.flatMap((y) => basis[right]!.map((x) => scale * c * y * x)),
  );
}
