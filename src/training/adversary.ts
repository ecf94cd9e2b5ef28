/**
 * An adversarial term for whatever makes pictures: a discriminator learns to tell pictures from
 * reconstructions, and the reconstructions to pass (sheet llamagen, "Tokenizer training").
 */
import { ConfigError } from "../errors.ts";
import type { Tensor } from "../graph/node.ts";
import { add, multiply } from "../graph/ops/arithmetic.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import {
  type PatchDiscriminatorOptions,
  patchDiscriminator,
  smallestJudged,
} from "../nn/patch-discriminator.ts";
import { adaptiveWeight, generatorLoss, hingeLoss } from "./adversarial-losses.ts";
import type { TrainingTask } from "./task.ts";

export interface AdversaryOptions {
  readonly discriminator: PatchDiscriminatorOptions;
  /** Of both sides' terms; 0.5 in LlamaGen. */
  readonly weight: number;
  /** Steps before both sides set in; until then neither changes anything. */
  readonly start: number;
  /**
   * Multiplies the generator's term so that it moves the last layer as much as the picture's own
   * losses do, but at most by this. LlamaGen's factor is 1, which is that of leaving it out.
   */
  readonly adaptiveLimit?: number;
}

/** What of a task's trace the adversary is about. */
export interface Judged {
  /** [B, 3, H, W] in [−1, 1], an input of the graph called `pixels`. */
  readonly picture: Tensor;
  readonly reconstruction: Tensor;
  /** The losses between them: what the adaptive weight compares with. */
  readonly matching: Tensor;
  /** Path of the weight that makes the reconstruction. */
  readonly lastLayer: string;
}

const DISCRIMINATOR = "discriminator";
const RECONSTRUCTION = "reconstruction";

/**
 * The task with a discriminator against it.
 *
 * @throws ConfigError if its pictures are too small to be judged.
 */
export function withAdversary(
  task: TrainingTask,
  { picture, reconstruction, matching, lastLayer }: Judged,
  { discriminator: options, weight, start, adaptiveLimit }: AdversaryOptions,
): TrainingTask {
  const [height, width] = picture.shape.slice(2) as [number, number];
  requireJudgeable({ height, width }, options);
  const scope = new Scope();
  const judge = patchDiscriminator(options).bind(scope.child(DISCRIMINATOR));
  const { graph } = task;

  const generator = generatorLoss(judge(reconstruction));
  const balance =
    adaptiveLimit === undefined
      ? undefined
      : adaptiveWeight(matching, generator, graph.scope.tensors.get(lastLayer)!, adaptiveLimit);
  const balanced = balance ? multiply(generator, balance) : generator;

  // the same reconstruction, from which no gradient goes further back
  const shown = input(RECONSTRUCTION, "float32", reconstruction.shape);
  const hinge = hingeLoss(judge(picture), judge(shown));
  return {
    ...task,
    adversary: {
      start,
      judged: {
        ...graph,
        name: `${graph.name}-judged`,
        loss: add(graph.loss, multiply(balanced, weight)),
        metrics: { ...graph.metrics, generator, ...(balance && { balance }) },
        kept: { [RECONSTRUCTION]: reconstruction },
      },
      graph: {
        name: DISCRIMINATOR,
        scope,
        loss: multiply(hinge, weight),
        metrics: { discriminator: hinge },
        decayExempt: [],
      },
    },
    report: (result) => ({ ...task.report(result), ...numbersOf(result.metrics) }),
  };
}

/** Those of the adversary, once it has set in. */
function numbersOf(metrics: Readonly<Record<string, ArrayLike<unknown>>>): Record<string, number> {
  const names = ["generator", "discriminator", "balance"];
  return Object.fromEntries(
    names.flatMap((name) => (metrics[name] ? [[name, Number(metrics[name][0])]] : [])),
  );
}

/** @throws ConfigError if pictures of this size are too small to be judged. */
export function requireJudgeable(
  { height, width }: { readonly height: number; readonly width: number },
  options: PatchDiscriminatorOptions,
): void {
  const least = smallestJudged(options);
  if (Math.min(height, width) >= least) return;
  throw new ConfigError({
    where: "losses.adversarial",
    expected: `pictures of at least ${least}x${least} for a discriminator of ${options.layers} layers`,
    got: `${width}x${height}`,
    hint: "Fewer layers judge smaller pictures.",
  });
}
