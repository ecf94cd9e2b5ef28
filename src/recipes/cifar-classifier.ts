/**
 * A classifier of CIFAR-10, for distances between sets of small photographs: `FD[cifar10-…]`.
 *
 *   ordo train cifar-classifier --data cifar10.zip --out runs/cifar-classifier
 */
import { defaultPlan } from "../training/plan.ts";
import { cosineRate } from "../training/schedules.ts";
import type { ClassifierRecipe } from "./recipe.ts";

export const cifarClassifier: ClassifierRecipe = {
  kind: "classifier",
  name: "cifar-classifier",
  summary:
    "the features that distances on CIFAR-10 are taken between; 42 minutes on two cores, 88 %",
  data: {
    folder: "train",
    test: { folder: "test" },
    size: 32,
    exclude: [],
    // the mean colour shows where a picture was moved away
    augment: { shift: 0.0625, flip: "alternate", fill: [125, 123, 114] },
  },
  dataset: "cifar10",
  network: { arch: "small-convnet", filters: 30, channels: [64, 192, 256], dimensions: 128 },
  smoothing: 0.2,
  plan: {
    ...defaultPlan,
    steps: 4600,
    batchSize: 64,
    learningRate: 6e-3,
    // 78 % after an epoch, 65 % by AdamW (decision 26)
    muon: { momentum: 0.95, iterations: 3, except: ["logits"] },
    schedule: cosineRate({ warmup: { share: 0.15 }, warmupStart: 0.1, end: 0.002 }),
    beta2: 0.99,
    averaging: { decay: 0.998, warmup: true },
    previewEvery: 920,
  },
};
