/** One training step as a workload: gradients and an update with clipping, by AdamW unless a recipe has Muon. */
import { countParameters } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import type { Feed } from "../runtime/function.ts";
import { Trainer, type TrainerOptions, type TrainingGraph } from "../training/trainer.ts";
import { trainingFlop } from "./flops.ts";
import type { Workload, WorkloadOptions } from "./workload.ts";

const optimizer = {
  seed: 1,
  accumulation: 1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  clipNorm: 1,
  average: false,
};

const rates = { learningRate: 1e-3, weightDecay: 0.05, averageKeep: 0.999 };

export interface TrainingWorkload extends Workload {
  /** Takes a step and tells its loss. */
  run(): Promise<number>;
}

/** Every run is one update on the same batch. */
export async function trainingWorkload(
  device: Device,
  graph: TrainingGraph,
  batch: Readonly<Record<string, Feed>>,
  { profile }: WorkloadOptions = {},
  ofRecipe: Pick<TrainerOptions, "muon"> = {},
): Promise<TrainingWorkload> {
  const trainer = await Trainer.create(device, graph, {
    ...optimizer,
    ...ofRecipe,
    ...(profile && { profile }),
  });
  let updates = 0;
  return {
    flop: trainingFlop(graph.loss),
    facts: { parameters: countParameters(graph.scope.specs) },
    run: async () => (await trainer.step([batch], { ...rates, updates: updates++ })).loss,
    endProfiling: () => trainer.endProfiling(),
    close: () => trainer.close(),
  };
}
