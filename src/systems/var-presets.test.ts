import { expect, test } from "vitest";
import { guidanceAt } from "../guidance/schedule.ts";
import { requireSchedule, squareScales, tokenCount } from "../orders/scale-schedule.ts";
import { learningRateAt, lin0, scaledLearningRate } from "../training/schedules.ts";
import { parameterCount, type VarConfig, type VarPresetName, varPresets } from "./var-presets.ts";

test.each<[VarPresetName, number, number]>([
  ["d16-256", 310_283_520, 680],
  ["d20-256", 600_917_136, 680],
  ["d24-256", 1_033_399_360, 680],
  ["d30-256", 2_010_020_356, 680],
  ["d36s-512", 2_353_893_904, 2240],
])("%s has %i parameters and %i tokens", (name, parameters, tokens) => {
  const config = varPresets[name];
  expect(parameterCount(config).transformer).toBe(parameters);
  expect(tokenCount(config.scales)).toBe(tokens);
});

test("d36 with a modulation per block would have 3,468,647,440", () => {
  const config = { ...varPresets["d36s-512"], sharedModulation: false };
  expect(parameterCount(config).transformer).toBe(3_468_647_440);
});

test("a block with its own modulation has 18 C² + 14 C + H", () => {
  const config = varPresets["d16-256"];
  const deeper = { ...config, depth: 17 };
  const block = parameterCount(deeper).transformer - parameterCount(config).transformer;
  expect(block).toBe(18 * 1024 ** 2 + 14 * 1024 + 16);
});

test("the released tokenizer has 108,948,355 parameters", () => {
  expect(parameterCount(varPresets["d16-256"])).toMatchObject({
    tokenizer: 108_948_355,
    encoder: 44_107_872,
    decoder: 64_653_923,
    quantizer: 168_064,
    quantizerConvs: 18_496,
  });
});

// sizes and counts of the parity cases, which the official code made
const parityCase: VarConfig = {
  ...varPresets["d16-256"],
  depth: 2,
  tokenizer: { ...varPresets["d16-256"].tokenizer, channels: 32 },
};
test.each<[string, Partial<VarConfig>, number, number]>([
  [
    "var-tiny",
    {
      width: 128,
      heads: 4,
      scales: squareScales([1, 2, 3, 4]),
      codebookSize: 64,
      latentChannels: 16,
      classes: 10,
    },
    642_760,
    4_404_371,
  ],
  [
    "var-shared-adaln",
    {
      width: 64,
      heads: 2,
      scales: squareScales([1, 2, 4]),
      codebookSize: 48,
      latentChannels: 8,
      classes: 5,
      sharedModulation: true,
    },
    139_060,
    4_374_875,
  ],
  [
    "var-10-scales",
    { width: 64, heads: 2, codebookSize: 128, latentChannels: 16, classes: 20 },
    212_548,
    4_405_395,
  ],
])("parity case %s has the parameters that the official code counted", (_, sizes, ...counts) => {
  const { transformer, tokenizer } = parameterCount({ ...parityCase, ...sizes });
  expect([transformer, tokenizer]).toEqual(counts);
});

test("without query and key norm there is no scale per head", () => {
  const config = varPresets["d16-256"];
  const plain = parameterCount({ ...config, queryKeyNorm: "none" }).transformer;
  expect(parameterCount(config).transformer - plain).toBe(16 * 16);
});

test("a convolution per scale counts each scale", () => {
  const config = varPresets.tiny;
  const own = { ...config, tokenizer: { ...config.tokenizer, phiSharing: 0 } };
  const conv = 16 * 16 * 9 + 16;
  expect(parameterCount(own).quantizer - parameterCount(config).quantizer).toBe(2 * conv);
});

test("every preset has a valid schedule and heads that divide its width", () => {
  for (const config of Object.values(varPresets)) {
    requireSchedule(config.scales);
    expect(config.width % config.heads).toBe(0);
    // group norm has 32 groups
    for (const m of config.tokenizer.multipliers) {
      expect((m * config.tokenizer.channels) % 32).toBe(0);
    }
  }
});

test("the presets keep the columns of the sheet's table", () => {
  const columns = (name: VarPresetName) => {
    const { training: t } = varPresets[name];
    const ends = [t.finalRate, t.weightDecay, t.finalWeightDecay];
    return [t.epochs, t.batchSize, t.baseLearningRate, t.gainInit, ...ends];
  };
  expect(columns("d16-256")).toEqual([200, 768, 1e-4, 1e-3, 0.1, 0.05, 0.05]);
  expect(columns("d20-256")).toEqual([250, 768, 1e-4, 1e-3, 0.1, 0.05, 0.05]);
  expect(columns("d24-256")).toEqual([350, 768, 8e-5, 1e-4, 0.01, 0.05, 0.05]);
  expect(columns("d30-256")).toEqual([350, 1024, 8e-5, 1e-5, 0.01, 0.05, 0.08]);
  expect(columns("d36s-512")).toEqual([350, 768, 8e-5, 5e-6, 0.01, 0.05, 0.08]);
});

test("stochastic depth is 0.1 at depth 24 and off in tiny", () => {
  expect(varPresets["d24-256"].training.dropPath).toBeCloseTo(0.1, 12);
  expect(varPresets["d30-256"].training.dropPath).toBeCloseTo(0.125, 12);
  expect(varPresets.tiny.training.dropPath).toBe(0);
});

test("the learning rate of d16 peaks at 3e-4 and ends at a tenth of it", () => {
  const { training: t } = varPresets["d16-256"];
  const peak = scaledLearningRate(t.baseLearningRate, t.batchSize);
  const schedule = lin0({ end: t.finalRate });
  expect(peak * learningRateAt(schedule, 50, 1000)).toBeCloseTo(3e-4, 12);
  expect(peak * learningRateAt(schedule, 999, 1000)).toBeCloseTo(3e-5, 12);
});

test("guidance leaves the first scale alone and ends at 2.5·c − 1.5·u", () => {
  const { guidance } = varPresets["d16-256"].sampling;
  expect(guidanceAt(guidance, 0, 10)).toBe(1);
  expect(guidanceAt(guidance, 9, 10)).toBe(2.5);
});

test("presets are plain data", () => {
  expect(JSON.parse(JSON.stringify(varPresets))).toEqual(varPresets);
});
