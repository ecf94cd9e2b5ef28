/** A few training steps: the CPU's losses, all of it on the device. */
import { describe, expect, it } from "vitest";
import type { Device } from "../../src/runtime/device.ts";
import { slot } from "../../src/training/optimizer.ts";
import { Trainer, type TrainerOptions } from "../../src/training/trainer.ts";
import { largestError } from "../ops/run-case.ts";
import { type TinyModel, tinyAutoencoder, tinyTransformer } from "./tiny-models.ts";

const options = {
  seed: 1,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  clipNorm: 1,
  average: true,
  noFallback: true,
};
const rates = { learningRate: 3e-3, weightDecay: 0.05, averageKeep: 0.9 };

type Way = Pick<TrainerOptions, "accumulation" | "muon">;

interface Course {
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  readonly averages: ReadonlyMap<string, Float32Array>;
  /** Where the state's tensors lie at the end. */
  readonly locations: ReadonlySet<string>;
}

/** Three updates from the same batch. */
async function train(device: Device, model: TinyModel, way: Way): Promise<Course> {
  const { accumulation } = way;
  const trainer = await Trainer.create(device, model.graph, { ...options, ...way });
  const batches = Array<TinyModel["feeds"]>(accumulation).fill(model.feeds);
  const losses: number[] = [];
  const norms: number[] = [];
  for (let updates = 0; updates < 3; updates++) {
    const { loss, gradientNorm } = await trainer.step(batches, { ...rates, updates });
    losses.push(loss);
    norms.push(gradientNorm);
  }
  const averages = await trainer.read(slot.average);
  const handles = trainer.state.names().map((name) => trainer.state.get(name)!);
  const locations = new Set(handles.map(({ tensor }) => tensor.location));
  await trainer.close();
  return { losses, norms, averages, locations };
}

export function trainingSuite(cpu: Device, gpu: Device): void {
  const plain: Way = { accumulation: 1 };
  const models: [string, TinyModel, Way][] = [
    ["a transformer", tinyTransformer(), plain],
    [
      "a rematerialised transformer, two batches per update",
      tinyTransformer(true),
      { accumulation: 2 },
    ],
    ["a convolutional autoencoder", tinyAutoencoder(), plain],
    [
      "a convolutional autoencoder, by Muon,",
      tinyAutoencoder(),
      { ...plain, muon: { momentum: 0.9, except: [] } },
    ],
  ];

  // most of it is compiling shaders, which takes its time on a busy machine
  describe("trains", { timeout: 300_000 }, () => {
    it.each(models)("%s as the CPU does", async (_, model, way) => {
      const wanted = await train(cpu, model, way);
      const found = await train(gpu, model, way);
      expect([...found.locations]).toEqual(["gpu-buffer"]);
      expect(wanted.losses.at(-1)).toBeLessThan(wanted.losses[0]!);
      wanted.losses.forEach((loss, i) => {
        expect(Math.abs(found.losses[i]! / loss - 1)).toBeLessThan(1e-4);
        expect(Math.abs(found.norms[i]! / wanted.norms[i]! - 1)).toBeLessThan(1e-3);
      });
      for (const [path, average] of wanted.averages) {
        expect(largestError(found.averages.get(path)!, average), path).toBeLessThan(1e-3);
      }
    });
  });
}
