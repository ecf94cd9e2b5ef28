/** The numbers of a training run that every recipe has. */
import type { MuonOptions } from "./muon.ts";
import type { LearningRateSchedule, WeightDecaySchedule } from "./schedules.ts";
import type { TrainerOptions } from "./trainer.ts";

export interface TrainingPlan {
  readonly steps: number;
  readonly batchSize: number;
  /** Batches per update. */
  readonly accumulation: number;
  /** Peak; the schedule multiplies it. */
  readonly learningRate: number;
  readonly schedule: LearningRateSchedule;
  readonly weightDecay: WeightDecaySchedule;
  readonly beta1: number;
  readonly beta2: number;
  readonly clipNorm: number;
  /** Hidden matrices are updated by Muon. */
  readonly muon?: MuonOptions;
  /** Exponential average of the parameters: what is previewed and saved. */
  readonly averaging: { readonly decay: number; readonly warmup: boolean };
  readonly seed: number;
  readonly previewEvery: number;
}

/** What a plan says to the optimiser. */
export function optimizerOf(plan: TrainingPlan): TrainerOptions {
  return { ...plan, epsilon: 1e-8, average: true };
}

/** Sensible values for small models; recipes change what they need. */
export const defaultPlan: Omit<TrainingPlan, "steps" | "batchSize" | "learningRate" | "schedule"> =
  {
    accumulation: 1,
    weightDecay: { from: 0.05, to: 0.05 },
    beta1: 0.9,
    beta2: 0.95,
    clipNorm: 1,
    averaging: { decay: 0.999, warmup: true },
    seed: 1,
    previewEvery: 250,
  };
