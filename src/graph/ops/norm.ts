/** Normalisation over features and over groups of channels. */
import { ShapeError } from "../../errors.ts";
import { type Dim, shapeText } from "../dim.ts";
import type { Tensor } from "../node.ts";
import { apply, type Op, requireDtype, requireRank } from "../op.ts";
import { add, divide, maximum, multiply, negate, subtract } from "./arithmetic.ts";
import { reshape } from "./layout.ts";
import { mean, sum, sumOfSquares } from "./reduce.ts";
import { constant } from "./source.ts";
import { sqrt, square } from "./unary.ts";

interface LayerNormAttributes {
  readonly epsilon: number;
}

/** Outputs: the normalised rows, their means, and 1 / standard deviation. */
export const layerNormOp: Op<LayerNormAttributes> = {
  name: "layerNorm",
  infer: ([x]) => {
    requireDtype("layerNorm", x!, "float32");
    const perRow = { dtype: "float32", shape: [...x!.shape.slice(0, -1), 1] } as const;
    return [{ dtype: "float32", shape: x!.shape }, perRow, perRow];
  },
  emit: (emitter, { inputs: [x], outputs, attributes: { epsilon }, node }) => {
    const width = node.inputs[0]!.shape.at(-1) as number;
    const ones = emitter.constant("float32", [width], new Float32Array(width).fill(1));
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    emitter.nodes("LayerNormalization", [x!, ones], outputs, { attributes });
  },
  // dx = r·(g − mean(g) − y·mean(g ⊙ y)): what moves the mean or the length of a row is undone
  gradient: ({ g, outputs: [y, , r] }) => {
    const projected = multiply(y!, mean(multiply(g, y!), -1));
    return [multiply(r!, subtract(subtract(g, mean(g, -1)), projected))];
  },
};

/** (x − mean) / √(variance + ε) over the last axis, without gain and offset. */
export function layerNorm(x: Tensor, epsilon = 1e-6): Tensor {
  return apply(layerNormOp, [x], { epsilon });
}

/** Outputs: the normalised rows with their gain, and 1 / √(mean(x²) + ε). */
export const rmsNormOp: Op<LayerNormAttributes> = {
  name: "rmsNorm",
  infer: ([x, weight]) => {
    requireDtype("rmsNorm", x!, "float32");
    const width = x!.shape.at(-1)!;
    if (weight!.shape.length !== 1 || weight!.shape[0] !== width) {
      const expected = `a weight [${width}]`;
      throw new ShapeError({ where: "rmsNorm", expected, got: shapeText(weight!.shape) });
    }
    const perRow = { dtype: "float32", shape: [...x!.shape.slice(0, -1), 1] } as const;
    return [{ dtype: "float32", shape: x!.shape }, perRow];
  },
  emit: (emitter, { inputs, outputs, attributes: { epsilon }, node }) => {
    if (emitter.target === "cpu") {
      const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
      emitter.nodes("SimplifiedLayerNormalization", inputs, outputs, { attributes });
      return;
    }
    const [x, weight] = inputs as [string, string];
    const [y, r] = outputs as [string, string];
    const width = node.inputs[0]!.shape.at(-1) as number;
    const squares = emitter.node("ReduceSumSquare", [x, emitter.ints([-1])]);
    const mean = emitter.node("Mul", [squares, emitter.scalar(1 / width)]);
    const root = emitter.node("Sqrt", [emitter.node("Add", [mean, emitter.scalar(epsilon)])]);
    emitter.node("Reciprocal", [root], r);
    emitter.node("Mul", [emitter.node("Mul", [x, r]), weight], y);
  },
  // dx = r·(w ⊙ g − x·r²·mean(w ⊙ g ⊙ x))
  gradient: ({ g, inputs: [x, weight], outputs: [, r] }) => {
    const weighted = multiply(g, weight!);
    const along = multiply(mean(multiply(weighted, x!), -1), square(r!));
    const dx = multiply(r!, subtract(weighted, multiply(x!, along)));
    return [dx, multiply(g, multiply(x!, r!))];
  },
};

/** Root-mean-square normalisation (Zhang & Sennrich 2019) over the last axis: x [..., C], weight [C]. */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon = 1e-5): Tensor {
  return apply(rmsNormOp, [x, weight], { epsilon });
}

/** x / max(‖x‖₂, ε) over the last axis. */
export function l2Normalize(x: Tensor, epsilon = 1e-12): Tensor {
  // the maximum comes before the root, whose slope at 0 would make NaN of the zero that it is cut to
  return divide(x, sqrt(maximum(sumOfSquares(x, -1), epsilon ** 2)));
}

interface GroupNormAttributes {
  readonly groups: number;
  readonly epsilon: number;
}

/**
 * Outputs: y, and per group the mean and r = 1 / standard deviation, both [B, G, 1].
 *
 * Written as y = x·a + b with one a and b per picture and channel: two passes over the data
 * (ENGINE 4; neither provider has a kernel of its own).
 */
export const groupNormOp: Op<GroupNormAttributes> = {
  name: "groupNorm",
  infer: ([x, weight, bias], { groups }) => {
    requireRank("groupNorm", x!, 4);
    const channels = x!.shape[1] as number;
    for (const p of [weight!, bias!]) {
      if (p.shape.length === 1 && p.shape[0] === channels) continue;
      throw new ShapeError({
        where: "groupNorm",
        expected: `weight and bias [${channels}]`,
        got: shapeText(p.shape),
      });
    }
    if (channels % groups !== 0) {
      throw new ShapeError({
        where: "groupNorm",
        expected: `channels divisible by ${groups} groups`,
        got: `${channels} channels`,
      });
    }
    const perGroup = { dtype: "float32", shape: [x!.shape[0]!, groups, 1] } as const;
    return [{ dtype: "float32", shape: x!.shape }, perGroup, perGroup];
  },
  emit: (emitter, { inputs: [x, w, b], outputs: [y, mu, r], attributes, node }) => {
    const { groups, epsilon } = attributes;
    const [, channels, height, width] = node.inputs[0]!.shape as number[];
    const perGroup = channels! / groups;
    const count = perGroup * height! * width!;
    const last = emitter.ints([2]);
    const flat = emitter.node("Reshape", [x!, emitter.ints([0, groups, -1])]);
    emitter.node("ReduceMean", [flat, last], mu!);
    const squares = emitter.node("Mul", [
      emitter.node("ReduceSumSquare", [flat, last]),
      emitter.scalar(1 / count),
    ]);
    const variance = emitter.node("Sub", [squares, emitter.node("Mul", [mu!, mu!])]);
    const deviation = emitter.node("Sqrt", [
      // rounding can take the difference below zero
      emitter.node("Add", [emitter.node("Relu", [variance]), emitter.scalar(epsilon)]),
    ]);
    emitter.node("Reciprocal", [deviation], r!);
    const grouped = emitter.ints([1, groups, perGroup]);
    const perChannel = emitter.ints([0, channels!, 1, 1]);
    const gain = emitter.node("Mul", [emitter.node("Reshape", [w!, grouped]), r!]);
    const shift = emitter.node("Sub", [
      emitter.node("Reshape", [b!, grouped]),
      emitter.node("Mul", [mu!, gain]),
    ]);
    const scaled = emitter.node("Mul", [x!, emitter.node("Reshape", [gain, perChannel])]);
    emitter.node("Add", [scaled, emitter.node("Reshape", [shift, perChannel])], y!);
  },
  gradient: ({ g, inputs: [x, weight], outputs: [, mu, r], attributes: { groups } }) => {
    const [batch, channels, height, width] = x!.shape as [Dim, number, number, number];
    const perGroup = channels / groups;
    const grouped = [batch, groups, perGroup];
    const w = reshape(weight!, [1, groups, perGroup]);
    // all that the rule needs of the big tensors: Σ g and Σ g·x of every channel
    const sumG = reshape(sum(g, 2, 3), grouped);
    const sumGx = reshape(sum(multiply(g, x!), 2, 3), grouped);
    const centred = multiply(subtract(sumGx, multiply(mu!, sumG)), r!);
    const count = perGroup * height * width;
    const m1 = multiply(sum(multiply(w, sumG), 2), 1 / count);
    const m2 = multiply(sum(multiply(w, centred), 2), 1 / count);
    // dx = r·(w·g − m1 − x̂·m2) with x̂ = (x − μ)·r, gathered by powers of x
    const slope = multiply(square(r!), m2);
    const offset = subtract(multiply(slope, mu!), multiply(r!, m1));
    const wide = (t: Tensor) => reshape(add(t, zerosOf(perGroup)), [batch, channels, 1, 1]);
    const gain = reshape(multiply(w, r!), [batch, channels, 1, 1]);
    const dx = add(add(multiply(g, gain), multiply(x!, wide(negate(slope)))), wide(offset));
    return [dx, reshape(sum(centred, 0), [channels]), reshape(sum(sumG, 0), [channels])];
  },
};

/** Stretches one number per group to one per channel of the group. */
function zerosOf(perGroup: number): Tensor {
  return constant(new Float32Array(perGroup), [1, 1, perGroup]);
}

/** Group normalisation (Wu & He 2018). x [B, C, H, W], weight and bias [C]. */
export function groupNorm(
  x: Tensor,
  weight: Tensor,
  bias: Tensor,
  groups = 32,
  epsilon = 1e-6,
): Tensor {
  return apply(groupNormOp, [x, weight, bias], { groups, epsilon });
}
