import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSafetensors } from "../checkpoints/safetensors.ts";
import { revealCounts } from "../orders/random-order.ts";
import { openDevice } from "../runtime/device.ts";
import { varPresets } from "../systems/var-presets.ts";
import { coldStart } from "./cold-start.ts";
import { randomVar } from "./random-model.ts";
import { samplingReport } from "./sampling-report.ts";
import { runSamplingBench } from "./sampling-run.ts";
import { marTiny, type SamplingTarget, varD16, varTiny } from "./sampling-target.ts";

const device = await openDevice("cpu");
const program = [
  process.execPath,
  "--import",
  "tsx",
  fileURLToPath(new URL("../cli/bin.ts", import.meta.url)),
];
const matrixRate = { shapes: [[16, 32, 64]] as const, readFloats: 4096 };
const alone = async () => null;
let models: string;
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), "ordo-bench-"));
});
afterAll(() => rm(models, { recursive: true, force: true }));

describe("randomVar", () => {
  it("writes all weights once, each different, at a level that keeps activations", async () => {
    const { config } = varPresets.tiny;
    const folder = await randomVar(models, "tiny", config);
    const path = join(folder, "model.safetensors");
    const { mtimeMs } = await stat(path);
    expect(await randomVar(models, "tiny", config)).toBe(folder);
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
    const weights = await readSafetensors(path);
    const [a, b] = [0, 1].map((i) => weights.get(`blocks.${i}.mlp.fc1.weight`)!.data);
    expect(a).not.toEqual(b);
    const square = (a as Float32Array).reduce((sum, x) => sum + x * x, 0) / a!.length;
    expect(square * config.width).toBeCloseTo(1, 1);
  });

  it("keeps models of other sizes apart", async () => {
    const { config } = varPresets.tiny;
    const other = await randomVar(models, "tiny", { ...config, depth: 1 });
    expect(other).not.toBe(await randomVar(models, "tiny", config));
  });
});

describe("runSamplingBench", () => {
  it("times a picture, its parts and its steps, beside the matrix rate and a cold start", async () => {
    const report = await runSamplingBench(device, varTiny, {
      repeat: 2,
      models,
      matrixRate,
      openPeer: alone,
      program,
      profile: true,
    });
    const { run, transformer, decoder, steps, cold, profile } = report;
    expect(run.times).toHaveLength(2);
    expect(steps.map(({ tokens }) => tokens)).toEqual([1, 4, 9, 16, 36, 64]);
    const flop = steps.reduce((sum, step) => sum + step.flop, 0);
    expect(transformer.flop).toBe(flop);
    expect(report.flop).toBe(flop + decoder.flop);
    // the parts of a run are all of it, but for a little JavaScript around them
    run.times.forEach((ms, i) => {
      const parts = transformer.times[i]! + decoder.times[i]!;
      expect(parts).toBeLessThanOrEqual(ms);
      expect(parts).toBeGreaterThan(0.5 * ms);
    });
    expect(cold!.run.times).toHaveLength(2);
    expect(cold!.run.best).toBeGreaterThan(run.best);
    expect(cold!.ratio).toBeCloseTo(cold!.run.median / run.median);
    if (process.platform === "linux") expect(cold!.peakBytes).toBeGreaterThan(5e7);
    expect(profile!.phases.map(({ name }) => name)).toEqual([
      ...steps.map((_, k) => `step ${k + 1}`),
      "decode",
    ]);
    expect(report.bars).toEqual([]);
  });

  it("times a picture of vectors, diffusion included, and starts no program", async () => {
    const report = await runSamplingBench(device, marTiny, {
      repeat: 1,
      models,
      matrixRate,
      openPeer: alone,
      program,
    });
    expect(report).not.toHaveProperty("cold");
    const { steps, facts } = report;
    expect(steps.map(({ tokens }) => tokens)).toEqual(revealCounts(64, 16));
    expect(facts).toMatchObject({ tokens: 64, passes: 16 });
    // 50 times the products of a row of the head for each branch and new token, and the passes
    const [width, condition, channels, depth] = [256, 192, 8, 3];
    const row = channels * width + depth * 5 * width ** 2 + 2 * width ** 2 + width * 2 * channels;
    for (const { flop, tokens } of steps) expect(flop).toBeGreaterThan(50 * 2 * 2 * tokens * row);
    const once = 2 * 2 * (condition * width);
    expect(steps[1]!.flop - steps[0]!.flop).toBeGreaterThan(once);
  });

  it("draws several pictures in a run", async () => {
    const asked: unknown[] = [];
    const options = {
      repeat: 1,
      models,
      matrixRate,
      batch: 2,
      openPeer: async (_: unknown, script: unknown) => {
        asked.push(script);
        return { name: "other", run: async () => {}, close: async () => {} };
      },
    };
    const report = await runSamplingBench(device, varTiny, options);
    expect(report.pictureMs).toBeCloseTo(report.run.best / 2);
    expect(report).not.toHaveProperty("cold");
    // the same pictures elsewhere
    const sizes = varPresets.tiny.config;
    expect(asked).toEqual([
      { script: "var_sample.py", settings: { sizes, batch: 2, guidance: 4 } },
    ]);
    expect(report.peer).toMatchObject({ name: "other" });
  });
});

describe("samplingReport", () => {
  it("holds a picture against the official time at this machine's matrix rate", async () => {
    const report = await tinyReport({ ...varTiny, bars: varD16.bars, official: varD16.official! });
    // 19.6 s where products run at 160 GFLOP/s is 39.2 s at 80
    expect(report.official).toEqual({ scaledMs: 39_200, share: 10_000 / 39_200 });
    expect(report.bars.map(({ name, reached }) => [name, reached])).toEqual([
      ["transformerRate", false],
      ["officialShare", true],
      ["peakBytes", false],
      ["coldStart", true],
    ]);
    expect(report.bars.at(-1)!.got).toBe(1.4);
    const bytes = 4 * report.facts.parameters!;
    expect(report.bars[2]).toMatchObject({ wanted: 1.35 * bytes + 1.2e9, got: 3e9 });
  });
});

async function tinyReport(target: SamplingTarget) {
  const { load } = await import("../systems/load.ts");
  const model = await load(await randomVar(models, "tiny", varPresets.tiny.config), device);
  const { composition, facts } = model;
  await model.close();
  const steps = composition.order.steps.map(() => 1000);
  return samplingReport({
    target,
    device: "cpu",
    weights: "fp32",
    batch: 1,
    folder: models,
    times: [{ whole: 10_000, steps, decoder: 4000 }],
    matrix: { gflops: 80, shapes: [], readGBs: 20 },
    peak: 2e9,
    composition,
    facts,
    starts: [
      { ms: 14_000, peakBytes: 3e9 },
      { ms: 13_000, peakBytes: 1e9 },
      { ms: 20_000, peakBytes: null },
    ],
  });
}

describe("coldStart", () => {
  it("passes on what the program complains of", async () => {
    const started = coldStart(["-m", join(models, "none")], { program });
    await expect(started).rejects.toThrow(/ordo generate: expected a picture, got .*/);
  });
});
