/** WebGPU against the CPU: every op, forward and gradient, and training; no node left to the CPU. */

import { describe, expect, it } from "vitest";
import { type Device, openDevice } from "../../src/runtime/device.ts";
import { slot } from "../../src/training/adamw.ts";
import { Trainer } from "../../src/training/trainer.ts";
import { cases } from "../ops/cases.ts";
import type { OpCase } from "../ops/op-case.ts";
import { largestError, runCase } from "../ops/run-case.ts";
import { hasVulkan } from "./software-vulkan.ts";
import { type TinyModel, tinyAutoencoder, tinyTransformer } from "./tiny-models.ts";

const cpu = await openDevice("cpu");
const gpu = hasVulkan ? await openDevice("webgpu") : cpu;

const runnable = cases.filter(({ webgpuMissing }) => !webgpuMissing);

describe.skipIf(!hasVulkan)("WebGPU gives the values and gradients of the CPU", () => {
  it.each(runnable.map((test) => [test.name, test] as const))("%s", async (_, test: OpCase) => {
    const options = { gradients: true, noFallback: !test.webgpuFallback };
    const wanted = await runCase(cpu, test, { gradients: true });
    const found = await runCase(gpu, test, options);
    for (const [name, { data, dims }] of Object.entries(wanted)) {
      expect([...found[name]!.dims]).toEqual([...dims]);
      expect(largestError(found[name]!.data, data)).toBeLessThan(test.webgpuTolerance ?? 1e-4);
    }
  });

  const fallbacks = cases.filter(({ webgpuFallback }) => webgpuFallback);

  it.each(fallbacks.map((test) => [test.name, test] as const))(
    "%s does need the CPU, as its case says",
    async (_, test) => {
      await expect(runCase(gpu, test, { gradients: true, noFallback: true })).rejects.toThrow(
        /fallback to CPU EP/i,
      );
    },
  );
});

describe.skipIf(!hasVulkan)("training on WebGPU", () => {
  const steps = 3;
  const options = {
    seed: 1,
    accumulation: 1,
    beta1: 0.9,
    beta2: 0.95,
    epsilon: 1e-8,
    clipNorm: 1,
    average: true,
    noFallback: true,
  };
  const rates = { learningRate: 3e-3, weightDecay: 0.05, averageKeep: 0.9 };

  interface Course {
    readonly losses: number[];
    readonly norms: number[];
    readonly averages: ReadonlyMap<string, Float32Array>;
  }

  async function train(device: Device, { graph, feeds }: TinyModel, accumulation = 1) {
    const trainer = await Trainer.create(device, graph, { ...options, accumulation });
    const course: Course = { losses: [], norms: [], averages: new Map() };
    const batches = Array.from({ length: accumulation }, () => feeds);
    for (let updates = 0; updates < steps; updates++) {
      const { loss, gradientNorm } = await trainer.step(batches, { ...rates, updates });
      course.losses.push(loss);
      course.norms.push(gradientNorm);
    }
    const averages = await trainer.read(slot.average);
    await trainer.close();
    return { ...course, averages };
  }

  const models: [string, TinyModel, number][] = [
    ["a transformer", tinyTransformer(), 1],
    ["a rematerialised transformer, two batches per update", tinyTransformer(true), 2],
    ["a convolutional autoencoder", tinyAutoencoder(), 1],
  ];

  it.each(models)("%s learns as on the CPU", async (_, model, accumulation) => {
    const wanted = await train(cpu, model, accumulation);
    const found = await train(gpu, model, accumulation);
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
