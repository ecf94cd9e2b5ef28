/** All bench targets by name, in the order that help shows; each is loaded when it is used. */
import type { DecodingTarget } from "./decoding-target.ts";
import type { SamplingTarget } from "./sampling-target.ts";
import type { BenchTarget } from "./workload.ts";

export type TargetTable = Readonly<
  Record<string, () => Promise<BenchTarget | SamplingTarget | DecodingTarget>>
>;

export const targets: TargetTable = {
  "train-step": () => import("./train-step.ts").then((module) => module.trainStep),
  "train-step-medium": () => import("./train-step.ts").then((module) => module.trainStepMedium),
  "train-step-large": () => import("./train-step.ts").then((module) => module.trainStepLarge),
  "var-sample": () => import("./var-sample.ts").then((module) => module.varSample),
  "var-d16": () => import("./sampling-target.ts").then((module) => module.varD16),
  "var-d30": () => import("./sampling-target.ts").then((module) => module.varD30),
  "var-tiny": () => import("./sampling-target.ts").then((module) => module.varTiny),
  "llamagen-b": () => import("./decoding-target.ts").then((module) => module.llamaGenB),
  "llamagen-l": () => import("./decoding-target.ts").then((module) => module.llamaGenL),
  "llamagen-tiny": () => import("./decoding-target.ts").then((module) => module.llamaGenTiny),
  "mar-b": () => import("./sampling-target.ts").then((module) => module.marB),
  "mar-tiny": () => import("./sampling-target.ts").then((module) => module.marTiny),
  "var-step": () => import("./model-step.ts").then((module) => module.varStep),
  "llamagen-step": () => import("./model-step.ts").then((module) => module.llamaGenStep),
  "mar-step": () => import("./model-step.ts").then((module) => module.marStep),
  "conv-step": () => import("./conv-step.ts").then((module) => module.convStep),
  "classifier-step": () => import("./classifier-step.ts").then((module) => module.classifierStep),
};
