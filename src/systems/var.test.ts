/** What must be true of VAR (its sheet's list), item by item, on a model of a few thousand weights. */
import { InferenceSession, type Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type Drawn, drawAll, rows } from "../../test/conformance/drawing.ts";
import { maskedForward, reconstructionsOf } from "../../test/conformance/masked-forward.ts";
import {
  compose,
  nextScale,
  tinySystems,
  tinyVar,
  wildModel,
} from "../../test/conformance/tiny-systems.ts";
import { largestError } from "../../test/ops/run-case.ts";
import { NextScaleSampler } from "../decoding/next-scale-sampler.ts";
import { ScaleDecoder } from "../decoding/scale-decoder.ts";
import { subtract } from "../graph/ops/arithmetic.ts";
import { input } from "../graph/ops/source.ts";
import { areaMatrix, bicubicMatrix } from "../graph/resample-matrix.ts";
import { linearRamp } from "../guidance/schedule.ts";
import { countParameters, initialize, type ParameterSpecs, Scope } from "../nn/layer.ts";
import { offsets } from "../orders/scale-schedule.ts";
import { visiblePairs } from "../orders/visibility.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { phiMap } from "../tokenizers/phi-sharing.ts";
import { pictureSize, scaleTokenizer } from "../tokenizers/scale-tokenizer.ts";
import { traceEncoding } from "../tokenizers/token-inputs.ts";
import { modelParameters } from "./model-parameters.ts";
import type { NextScaleComposition } from "./system.ts";
import { varSystem } from "./var.ts";

// one thread: a second one costs more than it helps at this size
const device = await openDevice("cpu", { threads: 1 });
const tiny = nextScale(compose(tinySystems[0]!));
const parameters = wildModel(tiny);
const V = tinyVar.tokenizer.codebookSize;
const { steps } = tiny.order;
const scales = tiny.tokenizer.scales;
const sampler = await NextScaleSampler.create(device, { ...tiny, parameters });
const masked = await maskedForward(device, tiny, parameters);
afterAll(async () => {
  await sampler.close();
  await masked.close();
});

/** Float results of one product graph and of another, or of a graph and a cache, in float32. */
const rounding = 1e-4;

const pixels = (): Float32Array => {
  const { height, width } = pictureSize(tiny.tokenizer);
  return random(5, "pixels")
    .uniforms(3 * height * width)
    .map((x) => 2 * x - 1);
};

/** The feeds of every run of the engine while `use` is at work. */
async function engineFeeds(use: () => Promise<void>): Promise<Record<string, Tensor>[]> {
  const sessions = InferenceSession as unknown as { prototype: InferenceSession };
  const spy = vi.spyOn(sessions.prototype, "run");
  await use();
  const feeds = spy.mock.calls.map(([own]) => own as Record<string, Tensor>);
  spy.mockRestore();
  return feeds;
}

const anyIds = (seed: number): Int32Array[] =>
  steps.map(({ count }, k) =>
    Int32Array.from(
      { length: count },
      (
        (r) => () =>
          r.integer(V)
      )(random(seed, "ids", k)),
    ),
  );

/** Ids of a picture, scale by scale, and the transformer inputs that training makes of it. */
async function encoded(): Promise<{ ids: Int32Array[]; inputs: Float32Array }> {
  const { ids, inputs } = traceEncoding(tiny.tokenizer, 1);
  const fn = await compile(device, "encode", { ids, inputs }, { constants: parameters });
  const results = await fn.run({ pixels: pixels() });
  await fn.release();
  const all = Int32Array.from(results.ids!.data as BigInt64Array, Number);
  return {
    ids: steps.map(({ start, count }) => all.slice(start, start + count)),
    inputs: results.inputs!.data as Float32Array,
  };
}

const composed = Object.entries(varSystem.presets).map(
  ([name, config]) => [name, varSystem.compose(config, {})] as const,
);
const released = Object.fromEntries(composed) as Record<string, NextScaleComposition>;

describe("steps and visibility", () => {
  test("K forward passes; token counts exactly Σp²; offsets as tabulated", async () => {
    expect(offsets(released["d16-256"]!.tokenizer.scales)).toEqual([
      0, 1, 5, 14, 30, 55, 91, 155, 255, 424, 680,
    ]);
    expect(offsets(released["d36s-512"]!.tokenizer.scales)).toEqual([
      0, 1, 5, 14, 30, 66, 147, 316, 640, 1216, 2240,
    ]);
    for (const [, { order, tokenizer }] of composed) {
      expect(order.steps.map(({ start }) => start)).toEqual(offsets(tokenizer.scales).slice(0, -1));
      expect(order.tokenCount).toBe(offsets(tokenizer.scales).at(-1));
    }
    const feeds = await engineFeeds(async () => {
      const { ids } = await drawAll(sampler, { request: 1, seed: 1 });
      expect(ids.map(({ length }) => length)).toEqual([1, 4, 9, 16]);
    });
    const uniforms = feeds.flatMap(({ uniforms: own }) => (own ? [own.data as Float32Array] : []));
    expect(uniforms.length).toBe(scales.length);
    // no two tokens share their draw, within a map or between maps
    const drawn = uniforms.flatMap((own) => [...own]);
    expect(new Set(drawn).size).toBe(tiny.order.tokenCount);
  });

  test("the mask has exactly Σ p_k²·(Σ p_j², j ≤ k) allowed pairs, 286,434 of 462,400 at 256", () => {
    const pairs = (name: string) => visiblePairs(released[name]!.order);
    expect(pairs("d16-256")).toBe(286_434);
    expect(released["d16-256"]!.order.tokenCount ** 2).toBe(462_400);
    expect(pairs("d36s-512")).toBe(3_269_850);
    let [sum, seen] = [0, 0];
    for (const { count } of steps) {
      seen += count;
      sum += count * seen;
    }
    expect(visiblePairs(tiny.order)).toBe(sum);
  });

  test("row 0 allows one key; the last 256 rows allow all 680", () => {
    const { visible, tokenCount } = released["d16-256"]!.order;
    const allowed = (query: number) =>
      Array.from({ length: tokenCount }, (_, key) => visible(query, key)).filter(Boolean).length;
    expect(allowed(0)).toBe(1);
    for (let query = 680 - 256; query < 680; query++) expect(allowed(query)).toBe(680);
    expect(allowed(680 - 257)).toBe(424);
  });
});

describe("sampling on a cache", () => {
  test("cached sampling with no mask is one masked forward on the same inputs", async () => {
    const { ids, logits } = await drawAll(sampler, { request: 2, seed: 3 });
    const all = await masked.logits(2, ids);
    steps.forEach((step, k) => {
      expect(largestError(logits[k]!, rows(all, step, V))).toBeLessThan(rounding);
    });
  });

  test("training inputs for scale s + 1 are what the sampler forms when forced to the ids", async () => {
    const { ids, inputs } = await encoded();
    const decoder = await ScaleDecoder.create(device, tiny.tokenizer, parameters);
    await decoder.start();
    const formed: number[] = [];
    for (const [k, own] of ids.entries()) {
      await decoder.add(k, own);
      const { data } = await device.download(decoder.inputs);
      if (k < ids.length - 1) formed.push(...(data as Float32Array));
    }
    await decoder.close();
    expect(largestError(formed, inputs)).toBeLessThan(rounding);
    // and the sampler itself: what it predicts from them is what the masked forward predicts
    const given = ids.map((own) => ({ ids: own, keep: new Uint8Array(own.length).fill(1) }));
    const forced = await drawAll(sampler, { request: 0, seed: 8, given });
    expect(forced.ids).toEqual(ids);
    const all = await masked.logits(0, ids);
    steps.forEach((step, k) => {
      expect(largestError(forced.logits[k]!, rows(all, step, V))).toBeLessThan(rounding);
    });
  });

  test("cfg 0 is conditional-only sampling; the null branch is not even run", async () => {
    let off: Drawn | undefined;
    const feeds = await engineFeeds(async () => {
      const guidance = linearRamp({ from: 1, to: 1 });
      off = await drawAll(sampler, { request: 1, seed: 4, guidance });
    });
    const labels = feeds.flatMap(({ label }) => (label ? [label.dims] : []));
    // what depends on the request alone is computed once for all steps
    expect(labels).toEqual([[1]]);
    const all = await masked.logits(1, off!.ids);
    steps.forEach((step, k) => {
      expect(largestError(off!.logits[k]!, rows(all, step, V))).toBeLessThan(rounding);
    });
  });

  test("guided logits are (1 + t)·cond − t·uncond with t = cfg·s/(K − 1)", async () => {
    const cfg = 1.5;
    const guided = await drawAll(sampler, {
      request: 1,
      seed: 4,
      guidance: linearRamp({ from: 1, to: 1 + cfg }),
    });
    const conditional = await masked.logits(1, guided.ids);
    const unconditional = await masked.logits(null, guided.ids);
    steps.forEach((step, k) => {
      const t = (cfg * k) / (steps.length - 1);
      const u = rows(unconditional, step, V);
      const wanted = rows(conditional, step, V).map((c, i) => (1 + t) * c - t * u[i]!);
      expect(largestError(guided.logits[k]!, wanted)).toBeLessThan(rounding);
    });
  });

  test("scale-0 logits do not depend on cfg", async () => {
    const first = async (cfg: number) => {
      const guidance = linearRamp({ from: 1, to: 1 + cfg });
      return (await drawAll(sampler, { request: 1, seed: 4, guidance })).logits[0]!;
    };
    const [weak, strong] = [await first(0.5), await first(5)];
    expect(weak).toEqual(strong);
    expect(largestError(await first(0), strong)).toBeLessThan(rounding);
  });

  test("top_k = 1 is argmax whatever top_p", async () => {
    for (const topP of [0.01, 0.5, 1]) {
      const { ids, logits } = await drawAll(sampler, { request: 0, seed: 6, topK: 1, topP });
      ids.forEach((own, k) => {
        own.forEach((id, i) => {
          const row = logits[k]!.subarray(i * V, (i + 1) * V);
          expect(row[id]).toBe(Math.max(...row));
        });
      });
    }
  });
});

describe("the tokenizer", () => {
  test("fhat from the ids is the encoder-side fhat; f − fhat is the final rest", async () => {
    const scope = new Scope();
    const { feature, quantizer } = scaleTokenizer(tiny.tokenizer).bind(scope.child("tokenizer"));
    const { height, width } = pictureSize(tiny.tokenizer);
    const f = feature(input("pixels", "float32", [1, 3, height, width]));
    const { ids, residuals, reconstructions } = quantizer.encode(f);
    const last = ids.length - 1;
    // the last map's residual has the latent's size: one row per cell
    const rest = residuals[last]!;
    const outputs = {
      f,
      fhat: reconstructions[last]!,
      rebuilt: reconstructionsOf(quantizer, ids)[last]!,
      gap: subtract(f, reconstructions[last]!),
      lastStep: quantizer.refine(quantizer.codes(ids[last]!, last), last),
      rest,
      ...Object.fromEntries(ids.map((own, k) => [`ids${k}`, own])),
    };
    const fn = await compile(device, "tokenizer", outputs, { constants: parameters });
    const results = await fn.run({ pixels: pixels() });
    await fn.release();
    const get = (name: string) => results[name]!.data as Float32Array;
    expect(largestError(get("rebuilt"), get("fhat"))).toBeLessThan(1e-6);

    const decoder = await ScaleDecoder.create(device, tiny.tokenizer, parameters);
    await decoder.start();
    for (const k of scales.keys()) {
      await decoder.add(k, Int32Array.from(results[`ids${k}`]!.data as BigInt64Array, Number));
    }
    expect(largestError(await decoder.feature(), get("fhat"))).toBeLessThan(rounding);
    await decoder.close();

    const [channels, cells] = [tiny.tokenizer.latentChannels, scales.at(-1)!];
    const area = cells.height * cells.width;
    const finalRest = get("lastStep").map((step, i) => {
      const [c, cell] = [Math.floor(i / area), i % area];
      return get("rest")[cell * channels + c]! - step;
    });
    expect(largestError(get("gap"), finalRest)).toBeLessThan(rounding);
  });

  test("the φ map for K = 10 is 0011122333", () => {
    for (const name of ["d16-256", "d36s-512"]) {
      const { scales: own, phiSharing } = released[name]!.tokenizer;
      expect(phiMap(own.length, phiSharing).join("")).toBe("0011122333");
    }
  });

  test("bicubic of a 1×1 map is constant; area with p = H is identity, of a constant constant", () => {
    expect([...bicubicMatrix(1, 16)]).toEqual(Array<number>(16).fill(1));
    const identity = Array.from({ length: 256 }, (_, i) => (i % 17 === 0 ? 1 : 0));
    expect([...areaMatrix(16, 16)]).toEqual(identity);
    for (const p of [1, 2, 3, 5, 6, 10, 13]) {
      const matrix = areaMatrix(16, p);
      for (let i = 0; i < p; i++) {
        const row = matrix.subarray(i * 16, (i + 1) * 16);
        expect(row.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 6);
      }
    }
  });
});

describe("the transformer", () => {
  test("with gammas zero every block is the identity: logits depend only on the head", async () => {
    const still = nextScale(compose(tinySystems[0]!));
    const zeroGains = { ...still, predictor: { ...still.predictor, gainInit: 0 } };
    const { transformer, tokenizer } = modelParameters(zeroGains);
    const fresh = initialize(new Map([...tokenizer, ...transformer]), 1);
    const withBlocks = await maskedForward(device, zeroGains, fresh);
    const headOnly = await maskedForward(
      device,
      { ...zeroGains, predictor: { ...zeroGains.predictor, depth: 0 } },
      fresh,
    );
    const ids = anyIds(1);
    const [a, b] = [await withBlocks.logits(1, ids), await headOnly.logits(1, ids)];
    await withBlocks.close();
    await headOnly.close();
    expect(a).toEqual(b);
    expect(a.some((x) => x !== 0)).toBe(true);
  });

  test("changing a token of scale k changes no logits of scales ≤ k, and some of each later one", async () => {
    const ids = anyIds(2);
    const before = await masked.logits(0, ids);
    for (const k of scales.keys()) {
      const changed = ids.map((own, j) => (j === k ? own.map((id) => (id + 1) % V) : own));
      const after = await masked.logits(0, changed);
      steps.forEach((step, j) => {
        const difference = largestError(rows(after, step, V), rows(before, step, V));
        if (j <= k) expect(difference).toBe(0);
        else expect(difference).toBeGreaterThan(1e-3);
      });
    }
  });

  test("changing the label changes the logits of all positions", async () => {
    const ids = anyIds(3);
    const [a, b] = [await masked.logits(0, ids), await masked.logits(1, ids)];
    for (let i = 0; i < tiny.order.tokenCount; i++) {
      const row = { start: i, count: 1 };
      expect(largestError(rows(a, row, V), rows(b, row, V))).toBeGreaterThan(1e-3);
    }
  });

  test.each([
    ["d16-256", 310_283_520],
    ["d20-256", 600_917_136],
    ["d24-256", 1_033_399_360],
    ["d30-256", 2_010_020_356],
    ["d36s-512", 2_353_893_904],
  ])("%s has %i parameters", (name, count) => {
    expect(countParameters(modelParameters(released[name]!).transformer)).toBe(count);
  });

  test("d36 with per-block AdaLN would have 3,468,647,440 parameters", () => {
    const shared = varSystem.presets["d36s-512"];
    const own = varSystem.compose({ ...shared, sharedModulation: false }, {});
    expect(countParameters(modelParameters(own).transformer)).toBe(3_468_647_440);
  });

  test("the released tokenizer has 108,948,355 parameters, part by part as tabulated", () => {
    const { tokenizer } = modelParameters(released["d16-256"]!);
    const part = (...names: string[]): number => {
      const own = [...tokenizer].filter(([path]) =>
        names.some((name) => path.startsWith(`tokenizer.${name}`)),
      );
      return countParameters(new Map(own) as ParameterSpecs);
    };
    expect(countParameters(tokenizer)).toBe(108_948_355);
    expect(part("encoder.")).toBe(44_107_872);
    expect(part("decoder.")).toBe(64_653_923);
    expect(part("quantizer.")).toBe(168_064);
    expect(part("quantizer.codebook")).toBe(131_072);
    expect(part("quantConv.", "postQuantConv.")).toBe(18_496);
  });
});

test("a single scale K = 1 degenerates to one-shot prediction of a plain VQ grid", async () => {
  const changes = { tokenizer: { ...tinyVar.tokenizer, scales: [4] } };
  const oneShot = nextScale(compose(tinySystems[0]!, changes));
  expect(oneShot.order.steps).toEqual([{ start: 0, count: 16, input: "start" }]);
  expect(visiblePairs(oneShot.order)).toBe(16 * 16);
  const weights = wildModel(oneShot);
  const own = await NextScaleSampler.create(device, { ...oneShot, parameters: weights });
  const { ids, logits } = await drawAll(own, { request: 1, seed: 1 });
  await own.close();
  expect(ids.map(({ length }) => length)).toEqual([16]);
  const forward = await maskedForward(device, oneShot, weights);
  expect(largestError(await forward.logits(1, ids), logits[0]!)).toBeLessThan(rounding);
  // nothing but the condition goes in: other ids change nothing
  const others = [ids[0]!.map((id) => (id + 1) % V)];
  expect(await forward.logits(1, others)).toEqual(await forward.logits(1, ids));
  await forward.close();
  // and training finds its ids without inputs
  const encoding = traceEncoding(oneShot.tokenizer, 2);
  expect(encoding.inputs.shape).toEqual([2, 0, tinyVar.tokenizer.latentChannels]);
});
