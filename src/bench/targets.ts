/** All bench targets by name, in the order that help shows; each is loaded when it is used. */
import type { BenchTarget } from "./workload.ts";

export type TargetTable = Readonly<Record<string, () => Promise<BenchTarget>>>;

export const targets: TargetTable = {
  "train-step": () => import("./train-step.ts").then((module) => module.trainStep),
  "var-sample": () => import("./var-sample.ts").then((module) => module.varSample),
  "conv-step": () => import("./conv-step.ts").then((module) => module.convStep),
};
