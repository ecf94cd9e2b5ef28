/** A training step of the classifier of `cifar-classifier`, with random pictures. */
import { random } from "../random/random.ts";
import { cifarClassifier } from "../recipes/cifar-classifier.ts";
import { classifierTask } from "../training/classifier-task.ts";
import { trainingWorkload } from "./training-workload.ts";
import type { BenchTarget } from "./workload.ts";

const CLASSES = 10;

const nothing = () => Promise.reject(new Error("a benchmark measures, previews and saves nothing"));

/** The batch is given. */
const noExamples = () => {
  throw new Error("a benchmark brings its own pictures");
};

export const classifierStep: BenchTarget = {
  name: "classifier-step",
  summary: `one training step of ${cifarClassifier.name}, ${cifarClassifier.plan.batchSize} pictures`,
  bars: {},
  open: async (device, options) => {
    const { network, data, plan, smoothing } = cifarClassifier;
    const { graph } = classifierTask({
      network: { ...network, classes: CLASSES },
      side: data.size,
      pictures: plan.batchSize,
      smoothing,
      seed: 1,
      examples: noExamples,
      measure: nothing,
      preview: nothing,
      save: nothing,
    });
    const pixels = random(1, "pictures").normals(plan.batchSize * 3 * data.size ** 2);
    const labels = Int32Array.from({ length: plan.batchSize }, (_, i) => i % CLASSES);
    const batch = { pixels: pixels.map(Math.tanh), labels };
    const { muon } = plan;
    return trainingWorkload(device, graph, batch, options, muon && { muon });
  },
};
