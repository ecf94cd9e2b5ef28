/** What must be true of LlamaGen (sheet llamagen), as far as no other test says it. */
import { afterAll, describe, expect, test } from "vitest";
import { maskedForward } from "../../test/conformance/masked-forward.ts";
import {
  compose,
  nextToken,
  tinyLlamaGen,
  tinySystems,
  wildModel,
} from "../../test/conformance/tiny-systems.ts";
import { noisePicture } from "../../test/data/fixtures.ts";
import { evaluate } from "../../test/ops/evaluate.ts";
import { largestError } from "../../test/ops/run-case.ts";
import { officialLlamaGenNames } from "../checkpoints/official-llamagen.ts";
import type { CaptionFeatures } from "../conditioning/conditioning.ts";
import { ConfigError } from "../errors.ts";
import { constant } from "../graph/ops/source.ts";
import { countParameters, initialize, Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { vqTokenizer } from "../tokenizers/vq-tokenizer.ts";
import { llamaGenSystem } from "./llamagen.ts";
import { llamaGenPresets } from "./llamagen-presets.ts";
import { Model } from "./model.ts";
import { modelParameters } from "./model-parameters.ts";

// one thread: a second one costs more than it helps at this size
const device = await openDevice("cpu", { threads: 1 });
const named = (name: string) => tinySystems.find((system) => system.name === name)!;
const tiny = nextToken(compose(named("llamagen")));
const captioned = nextToken(compose(named("llamagen on captions")));
const V = tinyLlamaGen.tokenizer.codebookSize;
const N = 16;
const masked = await maskedForward(device, tiny, wildModel(tiny));
const withCaptions = await maskedForward(device, captioned, wildModel(captioned));
afterAll(async () => {
  await masked.close();
  await withCaptions.close();
});

/** Float results of different orders of summation, in float32. */
const rounding = 1e-4;
const ids = Array.from({ length: N }, (_, i) => Int32Array.of((7 * i + 3) % V));
const row = (logits: Float32Array, i: number) => logits.subarray(i * V, (i + 1) * V);

describe("parameter counts", () => {
  const counts = (name: keyof typeof llamaGenPresets) => {
    const composition = llamaGenSystem.compose(llamaGenPresets[name], {});
    const { transformer, tokenizer } = modelParameters(composition);
    return { transformer: countParameters(transformer), tokenizer };
  };

  test.each([
    ["b-256", 110_888_448],
    ["b-384", 110_888_448],
    ["l-256", 342_910_976],
    ["xl-384", 774_699_520],
    ["xxl-384", 1_410_972_672],
    ["xxxl-384", 3_893_027_840],
    ["1b-384", 1_199_616_000],
    ["3b-384", 3_096_659_200],
    ["7b-384", 6_614_589_440],
    // without the table that stands for no caption, which is never trained
    ["t2i-xl-256", 777_678_080],
    ["t2i-xl-512", 777_678_080],
  ] as const)("%s has %i", (name, count) => {
    expect(counts(name).transformer).toBe(count);
  });

  test("the tokenizer has 71,883,403, part by part as the sheet says", () => {
    const { tokenizer } = counts("b-256");
    const part = (...prefixes: string[]) =>
      countParameters(
        new Map(
          [...tokenizer].filter(([path]) =>
            prefixes.some((own) => path.startsWith(`tokenizer.${own}`)),
          ),
        ),
      );
    expect(countParameters(tokenizer)).toBe(71_883_403);
    expect(part("encoder.")).toBe(29_298_176);
    expect(part("decoder.")).toBe(42_449_795);
    expect(part("quantizer.")).toBe(131_072);
    expect(part("quantConv.", "postQuantConv.")).toBe(4_360);
  });

  test("a tokenizer with 8 pixels per token has 70,109,835", () => {
    const scope = new Scope();
    const { tokenizer } = llamaGenPresets["b-256"];
    vqTokenizer({ ...tokenizer, multipliers: [1, 2, 2, 4] }).bind(scope.child("tokenizer"));
    expect(countParameters(scope.specs)).toBe(70_109_835);
  });
});

test("every parameter has an official name, and comes back from it", () => {
  for (const composition of [tiny, captioned]) {
    const { transformer, tokenizer } = modelParameters(composition);
    const names = officialLlamaGenNames(composition.tokenizer.multipliers.length);
    const paths = [...transformer.keys(), ...tokenizer.keys()];
    const official = paths.map((path) => names.toOfficial(path));
    expect(official).not.toContain(null);
    expect(new Set(official).size).toBe(paths.length);
    expect(official.map((key) => names.fromOfficial(key!))).toEqual(paths);
  }
});

test("sizes that do not fit are refused by name", () => {
  const { grid: _, ...rest } = tinyLlamaGen.tokenizer;
  const parse = () => llamaGenSystem.parse({ ...tinyLlamaGen, heads: 0, tokenizer: rest }, "x");
  expect(parse).toThrow(ConfigError);
  expect(parse).toThrow(/heads: .*tokenizer\.grid: /);
});

describe("the transformer", () => {
  test("fresh: all logits are 0, so that all tokens are equally probable", async () => {
    const { transformer } = modelParameters(tiny);
    const fresh = await maskedForward(device, tiny, initialize(transformer, 1));
    expect((await fresh.logits(1, ids)).every((logit) => logit === 0)).toBe(true);
    await fresh.close();
  });

  test("token j changes the logits of later tokens and of no earlier one; the class all of them", async () => {
    const plain = await masked.logits(1, ids);
    const j = 6;
    const others = ids.map((own, i) => (i === j ? Int32Array.of((own[0]! + 1) % V) : own));
    const changed = await masked.logits(1, others);
    for (let i = 0; i <= j; i++) expect(row(changed, i)).toEqual(row(plain, i));
    expect(largestError(row(changed, j + 1), row(plain, j + 1))).toBeGreaterThan(1e-3);
    const classed = await masked.logits(2, ids);
    for (let i = 0; i < N; i++) {
      expect(largestError(row(classed, i), row(plain, i))).toBeGreaterThan(1e-3);
    }
  });

  test("rows of a caption that pad change nothing, whatever they hold", async () => {
    const { conditioning } = captioned;
    const caption: CaptionFeatures = { features: random(9, "caption").normals(3 * 6) };
    const { feeds } = conditioning.feeds([caption]);
    const { dims, data } = feeds.captions!;
    const filled = Float32Array.from(data as Float32Array, (x, i) => (i < 2 * 6 ? 5 : x));
    const padded = {
      ...conditioning,
      feeds: () => ({ feeds: { ...feeds, captions: { data: filled, dims } }, unknown: [] }),
    };
    const other = await maskedForward(
      device,
      { ...captioned, conditioning: padded },
      wildModel(captioned),
    );
    const wanted = await withCaptions.logits(caption, ids);
    expect(largestError(await other.logits(caption, ids), wanted)).toBeLessThan(rounding);
    await other.close();
    const longer: CaptionFeatures = {
      features: Float32Array.of(...filled.subarray(0, 6), ...caption.features),
    };
    expect(largestError(await withCaptions.logits(longer, ids), wanted)).toBeGreaterThan(1e-3);
  });
});

describe("the tokenizer", () => {
  const { tokenizer } = tinyLlamaGen;
  const shape = [1, tokenizer.codeChannels, 4, 4];
  const feature = random(3, "feature").normals(16 * tokenizer.codeChannels);
  const encoded = (factor: number) => {
    const { quantizer, pixels } = vqTokenizer(tokenizer).bind(new Scope().child("tokenizer"));
    const scaled = feature.map((x) => x * factor);
    const { ids, codes } = quantizer.encode(constant(scaled, shape));
    return evaluate({ ids, codes, pixels: pixels(codes) }, {}, { constants: wildModel(tiny) });
  };

  test("finds the same codes however long the vectors are, and codes of length 1", async () => {
    const [own, longer] = [await encoded(1), await encoded(1000)];
    expect(longer.ids).toEqual(own.ids);
    expect(new Set(own.ids).size).toBeGreaterThan(3);
    for (let cell = 0; cell < 16; cell++) {
      const length = Math.hypot(...[0, 1, 2, 3].map((c) => own.codes![c * 16 + cell]!));
      expect(length).toBeCloseTo(1, 5);
    }
  });
});

test("a picture is edited token by token: what the mask keeps stays, the rest is drawn anew", async () => {
  const facts = {
    name: "tiny",
    system: "llamagen",
    title: "tiny",
    parameters: 0,
    weightHash: Promise.resolve("none"),
    weights: "fp32",
    ordoVersion: "0",
  } as const;
  const settings = { ...tiny.decoding, guidance: tiny.guidance };
  const model = new Model(device, facts, tiny, { parameters: wildModel(tiny) }, settings);
  const { width, height } = model.size;
  const picture = noisePicture(4, width, height);
  const keep = Array.from({ length: width * height }, (_, i) => (i < (width * height) / 2 ? 1 : 0));
  const tokens: number[] = [];
  const options = { seed: 3, mask: { width, height, keep } };
  const edited = await model.edit(picture, 1, options, (step) => {
    tokens.push(...step.ids!);
  });
  const [own] = (await model.tokenize(picture)).ids;
  await model.close();
  expect(tokens.slice(0, N / 2)).toEqual([...own!.subarray(0, N / 2)]);
  expect(tokens.slice(N / 2)).not.toEqual([...own!.subarray(N / 2)]);
  // away from the edge, where the old picture fades into the new one
  const rows = 3 * width * (height / 2 - 2);
  expect(edited.picture.data.subarray(0, rows)).toEqual(picture.data.subarray(0, rows));
  expect(edited.recipe).toMatchObject({ edited: true, classLabel: "1" });
});
