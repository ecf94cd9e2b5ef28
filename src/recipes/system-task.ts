/** The training of whatever composition a recipe names, found by the base it stands on. */
import type { Device } from "../runtime/device.ts";
import type { Composition } from "../systems/system.ts";
import { maskedTask } from "../training/masked-task.ts";
import type { ModelTaskOptions } from "../training/model-task.ts";
import { nextScaleTask } from "../training/next-scale-task.ts";
import { nextTokenTask } from "../training/next-token-task.ts";
import type { TrainingTask } from "../training/task.ts";

/** What training needs besides the composition. */
export interface SystemTaskOptions extends Omit<ModelTaskOptions, "conditioning"> {
  /** Numbers that stand for those of the composition; others mean nothing to its base. */
  readonly objective?: {
    readonly conditionDrop?: number;
    readonly dropPath?: number;
    readonly tokenDropout?: number;
    readonly branchDropout?: number;
    readonly attentionDropout?: number;
    readonly repeats?: number;
  };
}

export function systemTask(
  device: Device,
  composition: Composition,
  { objective = {}, ...options }: SystemTaskOptions,
): Promise<TrainingTask> {
  switch (composition.base) {
    case "next-scale": {
      const own = composition.objective;
      const { conditionDrop = own.conditionDrop, dropPath = own.dropPath } = objective;
      const shares = { ...own, conditionDrop, dropPath };
      return nextScaleTask(device, { ...composition, ...options, objective: shares });
    }
    case "next-token": {
      const own = composition.objective;
      const { conditionDrop = own.conditionDrop, dropPath = own.dropPath } = objective;
      const { tokenDropout = own.tokenDropout, branchDropout = own.branchDropout } = objective;
      const shares = { ...own, conditionDrop, dropPath, tokenDropout, branchDropout };
      return nextTokenTask(device, { ...composition, ...options, objective: shares });
    }
    case "masked": {
      const own = composition.objective;
      const { conditionDrop = own.conditionDrop, branchDropout = own.branchDropout } = objective;
      const { attentionDropout = own.attentionDropout, repeats = own.repeats } = objective;
      const shares = { ...own, conditionDrop, attentionDropout, branchDropout, repeats };
      return maskedTask(device, { ...composition, ...options, objective: shares });
    }
  }
}
