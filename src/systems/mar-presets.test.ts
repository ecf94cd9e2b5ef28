import { expect, test } from "vitest";
import { ConfigError } from "../errors.ts";
import { countParameters, Scope } from "../nn/layer.ts";
import { klAutoencoder } from "../tokenizers/kl-autoencoder.ts";
import { marSystem } from "./mar.ts";
import { type MarConfig, parseMarConfig } from "./mar-config.ts";
import { type MarPresetName, marPresets } from "./mar-presets.ts";
import { modelParameters } from "./model-parameters.ts";

function countsOf(config: MarConfig): { predictor: number; head: number } {
  const specs = [...modelParameters(marSystem.compose(config, {})).transformer];
  const count = (inHead: boolean) =>
    countParameters(new Map(specs.filter(([path]) => path.startsWith("head.") === inHead)));
  return { predictor: count(false), head: count(true) };
}

test.each<[MarPresetName, number, number]>([
  ["b-256", 172_174_848, 35_749_920],
  ["l-256", 406_095_872, 72_230_432],
  ["h-256", 791_196_160, 151_206_944],
  ["ablation-l", 406_095_872, 20_261_920],
  ["l-512", 408_455_168, 72_230_432],
])("%s has %i parameters in the predictor and %i in the head", (name, predictor, head) => {
  expect(countsOf(marPresets[name])).toEqual({ predictor, head });
});

test("the head's ablation has the sheet's sizes", () => {
  const config = marPresets["l-256"];
  const millions = [256, 512, 1024, 1536].map((width) =>
    Number((countsOf({ ...config, head: { depth: 3, width } }).head / 1e6).toPrecision(3)),
  );
  expect(millions).toEqual([1.53, 5.41, 20.3, 44.5]);
});

test("KL-16 has 66 456 019 parameters: encoder, decoder, and two 1×1 convolutions", () => {
  const scope = new Scope();
  klAutoencoder(marPresets["b-256"].tokenizer).bind(scope);
  const count = (part: string) =>
    countParameters(new Map([...scope.specs].filter(([path]) => path.startsWith(part))));
  expect(countParameters(scope.specs)).toBe(66_456_019);
  expect([count("encoder."), count("decoder.")]).toEqual([28_265_760, 38_188_931]);
});

test("presets survive JSON, and every field that does not fit is named", () => {
  for (const config of Object.values(marPresets)) {
    expect(parseMarConfig(JSON.parse(JSON.stringify(config)), "config.json")).toEqual(config);
  }
  const config = marPresets.tiny;
  const bad = { ...config, width: 0, head: { width: 8 } };
  expect(() => parseMarConfig(bad, "f")).toThrow(
    /f: expected the sizes of a MAR, got width: .*; head.depth/,
  );
  expect(() => parseMarConfig({ ...config, steps: 65 }, "f")).toThrow(
    "steps: 65 are more than the 64 tokens",
  );
  const odd = { ...config, tokenizer: { ...config.tokenizer, cellsPerToken: 3 } };
  expect(() => parseMarConfig(odd, "f")).toThrow(ConfigError);
});
