import { describe, expect, it } from "vitest";
import { countParameters } from "../nn/layer.ts";
import { type Device, openDevice } from "../runtime/device.ts";
import { convStepGraph, convStepSizes } from "./conv-step.ts";
import { trainingFlop } from "./flops.ts";
import { openMatrixRate } from "./matrix-rate.ts";
import { peakBytes } from "./memory.ts";
import { runBench } from "./run.ts";
import { openTrainStep, trainStepGraph, trainStepSizes } from "./train-step.ts";
import type { BenchTarget, WorkloadOptions } from "./workload.ts";

const device = await openDevice("cpu");
const matrixRate = { shapes: [[16, 32, 64]] as const, readFloats: 4096 };

const tiny: BenchTarget = {
  name: "tiny",
  summary: "a transformer of no size",
  bars: { rate: 1e9, productRate: 0, peakBytes: 1 },
  open: (device, options) =>
    openTrainStep(
      device,
      { width: 16, layers: 1, heads: 2, tokens: 8, batch: 1, vocabulary: 8 },
      options,
    ),
};

describe("runBench", () => {
  it("tells rates as ratios to the matrix rate, and which bars were reached", async () => {
    const report = await runBench(device, tiny, { repeat: 2, matrixRate });
    expect(report.run.times).toHaveLength(2);
    expect(report.gflops).toBeCloseTo(report.flop / report.run.best / 1e6);
    expect(report.ratio).toBeCloseTo(report.gflops / report.matrix.gflops);
    expect(report.productRatio).toBeGreaterThan(report.ratio);
    expect(report.profile.kinds.map(({ kind }) => kind)).toContain("Gemm");
    expect(report.bars).toMatchObject([
      { name: "rate", wanted: 1e9, reached: false },
      { name: "productRate", reached: true },
      { name: "peakBytes", wanted: 1, got: report.peakBytes, reached: false },
    ]);
  });

  it("runs a peer in turns where there is one, and tells the ratio of speeds", async () => {
    let turns = 0;
    let closed = 0;
    const peer = {
      name: "torch",
      run: async () => {
        turns++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
      close: async () => {
        closed++;
      },
    };
    const target = { ...tiny, peer: { script: "tiny.py" }, bars: { peerSpeed: 0.85 } };
    const options = { repeat: 2, matrixRate };
    const report = await runBench(device, target, { ...options, openPeer: async () => peer });
    expect([turns, closed]).toEqual([3, 1]);
    expect(report.peer!.speed).toBeCloseTo(report.peer!.run.best / report.run.best);
    expect(report.bars).toMatchObject([{ name: "peerSpeed", got: report.peer!.speed }]);
    const alone = await runBench(device, target, { ...options, openPeer: async () => null });
    expect(alone.peer).toBeUndefined();
    expect(alone.bars).toEqual([]);
  });

  it("closes all that it opened when it is stopped", async () => {
    let open = 0;
    const watched: BenchTarget = {
      ...tiny,
      open: async (device: Device, options?: WorkloadOptions) => {
        const workload = await tiny.open(device, options);
        open++;
        return { ...workload, close: () => workload.close().finally(() => open--) };
      },
    };
    const controller = new AbortController();
    const onRound = () => controller.abort(new Error("stopped"));
    const options = { repeat: 9, matrixRate, onRound, signal: controller.signal };
    await expect(runBench(device, watched, options)).rejects.toThrow("stopped");
    expect(open).toBe(0);
  });
});

describe("openMatrixRate", () => {
  it("rates every shape by its own times, and takes the best", async () => {
    const shapes = [
      [16, 32, 64],
      [32, 16, 16],
    ] as const;
    const { runs, rate, close } = await openMatrixRate(device, { shapes, readFloats: 1024 });
    for (const run of Object.values(runs)) await run();
    expect(Object.keys(runs)).toEqual(["product 16x32x64", "product 32x16x16", "read"]);
    const ms = (best: number) => ({ best, median: best, times: [best] });
    const rates = rate({ "product 16x32x64": ms(1), "product 32x16x16": ms(2), read: ms(4) });
    const first = (8 * 2 * 16 * 32 * 64) / 1e6;
    expect(rates.shapes.map(({ gflops }) => gflops)).toEqual([first, first / 8]);
    expect(rates).toMatchObject({ gflops: first, readGBs: 4096 / 4 / 1e6 });
    await close();
  });
});

describe("peakBytes", () => {
  it("is at least what the process holds now", () => {
    expect(peakBytes()).toBeGreaterThanOrEqual(0.9 * process.memoryUsage.rss());
  });
});

describe("the training targets at full size", () => {
  it("are 87 GFLOP with 13.8 M parameters, and 46 GFLOP with 1.8 M", () => {
    const transformer = trainStepGraph(trainStepSizes);
    expect(trainingFlop(transformer.loss) / 1e9).toBeCloseTo(86.97, 2);
    expect(countParameters(transformer.scope.specs)).toBe(13_788_160);
    const autoencoder = convStepGraph(convStepSizes);
    expect(trainingFlop(autoencoder.loss) / 1e9).toBeCloseTo(45.6, 2);
    expect(countParameters(autoencoder.scope.specs)).toBe(1_780_867);
  });
});
