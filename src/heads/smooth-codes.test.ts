import { afterAll, describe, expect, test } from "vitest";
import { drawAll } from "../../test/conformance/drawing.ts";
import { compose, nextScale, tinySystems, wildModel } from "../../test/conformance/tiny-systems.ts";
import { largestError } from "../../test/ops/run-case.ts";
import { NextScaleSampler } from "../decoding/next-scale-sampler.ts";
import { ScaleDecoder } from "../decoding/scale-decoder.ts";
import { input } from "../graph/ops/source.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { candidates } from "./categorical.ts";
import { gumbels, smoothCodes, smoothingAt } from "./smooth-codes.ts";

const device = await openDevice("cpu", { threads: 1 });
const [N, V, C] = [40, 16, 3];

/** The sheet's formula over what top-k and top-p leave, in plain numbers. */
function reference(
  logits: Float32Array,
  noise: Float32Array,
  codebook: Float32Array,
  { sharpness, temperature, kept }: { sharpness: number; temperature: number; kept: Set<number>[] },
): number[] {
  return kept.flatMap((alive, n) => {
    const scores = [...alive].map(
      (v) => [v, (logits[n * V + v]! * sharpness + noise[n * V + v]!) / temperature] as const,
    );
    const largest = Math.max(...scores.map(([, score]) => score));
    const powers = scores.map(([v, score]) => [v, Math.exp(score - largest)] as const);
    const total = powers.reduce((sum, [, power]) => sum + power, 0);
    return Array.from({ length: C }, (_, c) =>
      powers.reduce((sum, [v, power]) => sum + (power / total) * codebook[v * C + c]!, 0),
    );
  });
}

async function mix(topK: number, topP: number, sharpness: number, temperature: number) {
  const best = candidates(input("logits", "float32", [N, V]), {
    topK,
    topP: input("topP", "float32", []),
    temperature: input("t", "float32", []),
  });
  const codes = smoothCodes(best, input("codebook", "float32", [V, C]), {
    noise: input("noise", "float32", [N, V]),
    sharpness: input("sharpness", "float32", []),
    temperature: input("temperature", "float32", []),
  });
  const fn = await compile(device, "smooth", { codes, ids: best.ids, kept: best.kept });
  const feeds = {
    logits: random(1, "logits").normals(N * V),
    noise: gumbels(random(1, "noise"), N * V),
    codebook: random(1, "codebook").normals(V * C),
  };
  const results = await fn.run({
    ...feeds,
    topP: Float32Array.of(topP),
    t: Float32Array.of(1),
    sharpness: Float32Array.of(sharpness),
    temperature: Float32Array.of(temperature),
  });
  await fn.release();
  const ids = results.ids!.data as BigInt64Array;
  const kept = Array.from({ length: N }, (_, n) => {
    const own = Array.from(ids.subarray(n * topK, (n + 1) * topK), Number);
    return new Set(own.filter((_, i) => results.kept!.data[n * topK + i] === 1));
  });
  return { ...feeds, kept, codes: results.codes!.data as Float32Array };
}

describe("mixtures of codes", () => {
  test("follow softmax((logits·(1 + r) + G) / τ)·E over what top-k and top-p left", async () => {
    for (const [topK, topP] of [
      [V, 1],
      [V, 0.6],
      [5, 1],
      [9, 0.8],
    ] as const) {
      const [sharpness, temperature] = [1.4, 0.25];
      const { logits, noise, codebook, kept, codes } = await mix(
        topK,
        topP,
        sharpness,
        temperature,
      );
      const wanted = reference(logits, noise, codebook, { sharpness, temperature, kept });
      expect(largestError(codes, wanted)).toBeLessThan(1e-5);
    }
  });

  test("become one code as τ falls: the one that is best with its noise", async () => {
    const { logits, noise, codebook, kept, codes } = await mix(8, 0.9, 2, 1e-4);
    const score = (n: number, v: number) => 2 * logits[n * V + v]! + noise[n * V + v]!;
    const wanted = kept.flatMap((alive, n) => {
      const best = [...alive].reduce((a, b) => (score(n, b) > score(n, a) ? b : a));
      return [...codebook.subarray(best * C, (best + 1) * C)];
    });
    expect(largestError(codes, wanted)).toBeLessThan(1e-5);
  });

  test("are one code where only one is left", async () => {
    const { codebook, kept, codes } = await mix(1, 1, 1, 0.27);
    const wanted = kept.flatMap(([id]) => [...codebook.subarray(id! * C, (id! + 1) * C)]);
    expect(largestError(codes, wanted)).toBeLessThan(1e-6);
  });

  test("get sharper from step to step: 1 + r from 1 to 2, τ from 0.27 to 0.0135", () => {
    expect(smoothingAt(0, 10)).toEqual({ sharpness: 1, temperature: 0.27 });
    expect(smoothingAt(9, 10).sharpness).toBe(2);
    expect(smoothingAt(9, 10).temperature).toBeCloseTo(0.27 * 0.05, 12);
    expect(smoothingAt(0, 1)).toEqual(smoothingAt(9, 10));
  });

  test("noise is standard Gumbel and finite", () => {
    const draws = gumbels(random(2), 50_000);
    expect(draws.every(Number.isFinite)).toBe(true);
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0.5772, 1);
    expect(variance).toBeCloseTo(Math.PI ** 2 / 6, 1);
    const zero = { ...random(1), uniform: () => 0 };
    const one = { ...random(1), uniform: () => 1 - 2 ** -32 };
    expect([...gumbels(zero, 1), ...gumbels(one, 1)].every(Number.isFinite)).toBe(true);
  });
});

describe("smooth sampling", async () => {
  const tiny = nextScale(compose(tinySystems[0]!));
  const parameters = wildModel(tiny);
  const sampler = await NextScaleSampler.create(device, { ...tiny, parameters });
  afterAll(() => sampler.close());
  const common = { request: 1, seed: 9 };

  test("gives another picture, the same one for the same seed", async () => {
    const hard = await drawAll(sampler, common);
    const smooth = await drawAll(sampler, { ...common, smooth: true });
    const again = await drawAll(sampler, { ...common, smooth: true });
    expect(largestError(smooth.pixels, hard.pixels)).toBeGreaterThan(1e-2);
    expect(again.pixels).toEqual(smooth.pixels);
    // the first map is drawn before anything is mixed
    expect(smooth.ids[0]).toEqual(hard.ids[0]);
  });

  test("with top-k 1 is the same as without", async () => {
    const hard = await drawAll(sampler, { ...common, topK: 1 });
    const smooth = await drawAll(sampler, { ...common, topK: 1, smooth: true });
    expect(smooth.ids).toEqual(hard.ids);
    expect(largestError(smooth.pixels, hard.pixels)).toBeLessThan(1e-5);
  });

  test("leaves kept tokens as they are", async () => {
    const ids = tiny.order.steps.map(({ count }, k) =>
      Int32Array.from({ length: count }, () => (7 * k + 3) % 32),
    );
    const given = ids.map((own) => ({ ids: own, keep: new Uint8Array(own.length).fill(1) }));
    const hard = await drawAll(sampler, { ...common, given });
    const smooth = await drawAll(sampler, { ...common, given, smooth: true });
    expect(smooth.ids).toEqual(ids);
    expect(largestError(smooth.pixels, hard.pixels)).toBeLessThan(1e-6);
  });

  test("mixes nothing into a kept token beside a free one", async () => {
    const { latentChannels: channels, scales } = tiny.tokenizer;
    const decoder = await ScaleDecoder.create(device, tiny.tokenizer, parameters);
    const last = scales.length - 1;
    const ids = new Int32Array(16).fill(5);
    const codebook = parameters.get("tokenizer.quantizer.codebook")!;
    const own = codebook.subarray(5 * channels, 6 * channels);
    const blend = async (keep: Uint8Array, foreign: number) => {
      await decoder.start();
      const codes = new Float32Array(16 * channels).fill(foreign);
      await decoder.add(last, ids, { codes, keep });
      return decoder.feature();
    };
    await decoder.start();
    await decoder.add(last, ids);
    const wanted = await decoder.feature();
    expect(await blend(new Uint8Array(16).fill(1), 99)).toEqual(wanted);
    const half = Uint8Array.from({ length: 16 }, (_, i) => (i < 8 ? 1 : 0));
    const mixed = new Float32Array(16 * channels);
    for (let i = 0; i < 16; i++) {
      mixed.set(i < 8 ? own : new Float32Array(channels).fill(0.5), i * channels);
    }
    await decoder.start();
    await decoder.add(last, ids, { codes: mixed });
    expect(largestError(await blend(half, 0.5), await decoder.feature())).toBeLessThan(1e-6);
    await decoder.close();
  });
});
