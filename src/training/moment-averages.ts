/** Running averages of what batch normalisation saw, kept beside the optimiser's state. */
import type { TypedArray } from "../graph/dtype.ts";
import type { Tensor } from "../graph/node.ts";
import type { BatchMoments, MomentValues } from "../nn/batch-norm.ts";
import type { TaskState } from "./task.ts";

/** By result or state name: `moments:levels.0.norm1.mean`. */
export type MomentAverages = ReadonlyMap<string, Float32Array>;

const PREFIX = "moments:";

/** How much of an average stays from step to step once there are enough of them. */
const KEEP = 0.98;

/** The moments as further results of a training graph. */
export function momentResults(batch: BatchMoments): Record<string, Tensor> {
  return Object.fromEntries(
    [...batch].flatMap(([path, { mean, variance }]) => [
      [`${PREFIX}${path}.mean`, mean],
      [`${PREFIX}${path}.variance`, variance],
    ]),
  );
}

/** The averages after a step, from 0, that gave these results. */
export function averagedMoments(
  before: MomentAverages,
  results: Readonly<Record<string, TypedArray>>,
  step: number,
): MomentAverages {
  // at first it is the plain mean of what there is
  const keep = Math.min(KEEP, step / (step + 1));
  const names = Object.keys(results).filter((name) => name.startsWith(PREFIX));
  return new Map(
    names.map((name) => {
      const seen = results[name] as Float32Array;
      const old = before.get(name);
      return [name, old ? old.map((v, i) => keep * v + (1 - keep) * seen[i]!) : seen.slice()];
    }),
  );
}

/** Those of a checkpoint's state. */
export function momentsIn(state: TaskState): MomentAverages {
  return new Map([...state].filter(([name]) => name.startsWith(PREFIX)));
}

/** By the path of their layer. */
export function momentValues(averages: MomentAverages): Map<string, MomentValues> {
  const paths = [...averages.keys()].filter((name) => name.endsWith(".mean"));
  return new Map(
    paths.map((name) => {
      const path = name.slice(PREFIX.length, -".mean".length);
      const variance = averages.get(`${PREFIX}${path}.variance`)!;
      return [path, { mean: averages.get(name)!, variance }];
    }),
  );
}
