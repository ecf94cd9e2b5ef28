/** All commands by name, in the order that help shows; each is loaded when it is used. */
import type { Command } from "../command.ts";

export type CommandTable = Readonly<Record<string, () => Promise<Command>>>;

export const commands: CommandTable = {
  generate: () => import("./generate.ts").then((module) => module.generate),
  bench: () => import("./bench.ts").then((module) => module.bench),
  systems: () => import("./systems.ts").then((module) => module.systems),
  parity: () => import("./parity.ts").then((module) => module.parity),
  train: () => import("./train.ts").then((module) => module.train),
  edit: () => import("./edit.ts").then((module) => module.edit),
  reconstruct: () => import("./reconstruct.ts").then((module) => module.reconstruct),
  tokenize: () => import("./tokenize.ts").then((module) => module.tokenize),
  convert: () => import("./convert.ts").then((module) => module.convert),
  info: () => import("./info.ts").then((module) => module.info),
  reproduce: () => import("./reproduce.ts").then((module) => module.reproduce),
  eval: () => import("./eval.ts").then((module) => module.evaluate),
  "eval-weights": () => import("./eval-weights.ts").then((module) => module.evalWeights),
  scenes: () => import("./scenes.ts").then((module) => module.scenes),
  vtbench: () => import("./vtbench.ts").then((module) => module.vtbench),
  plan: () => import("./plan.ts").then((module) => module.plan),
  doctor: () => import("./doctor.ts").then((module) => module.doctor),
  pull: () => import("./pull.ts").then((module) => module.pull),
  completion: () => import("./completion.ts").then((module) => module.completion),
};
