/** The training of whatever composition a recipe names, found by the base it stands on. */
import type { Device } from "../runtime/device.ts";
import type { Composition } from "../systems/system.ts";
import { type NextScaleTaskOptions, nextScaleTask } from "../training/next-scale-task.ts";
import { nextTokenTask } from "../training/next-token-task.ts";
import type { TrainingTask } from "../training/task.ts";

/** What training needs besides the composition. */
export type SystemTaskOptions = Pick<
  NextScaleTaskOptions,
  "tokenizerParameters" | "requestOf" | "batchSize" | "seed" | "preview" | "save"
>;

export function systemTask(
  device: Device,
  composition: Composition,
  options: SystemTaskOptions,
): Promise<TrainingTask> {
  switch (composition.base) {
    case "next-scale":
      return nextScaleTask(device, { ...composition, ...options });
    case "next-token":
      return nextTokenTask(device, { ...composition, ...options });
  }
}
