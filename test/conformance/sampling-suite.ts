/** What holds for every system that draws pictures. */
import { afterAll, describe, expect, test } from "vitest";
import { keepMasks } from "../../src/decoding/keep-mask.ts";
import { ConfigError } from "../../src/errors.ts";
import { constant, linearRamp } from "../../src/guidance/schedule.ts";
import { brokenLaws } from "../../src/orders/conformance.ts";
import type { Device } from "../../src/runtime/device.ts";
import { tokenizerOf } from "../../src/tokenizers/tokenizer.ts";
import { largestError } from "../ops/run-case.ts";
import { type Drawn, drawAll, openSampler, rows } from "./drawing.ts";
import { maskedForward } from "./masked-forward.ts";
import { compose, ofCodes, type TinySystem, wildModel } from "./tiny-systems.ts";

export function samplingSuite(device: Device, system: TinySystem): void {
  describe(`${system.name}, sampling`, async () => {
    const composition = compose(system);
    const parameters = wildModel(composition);
    const sampler = await openSampler(device, composition, parameters);
    afterAll(() => sampler.close());
    const { order } = composition;
    const codes = ofCodes(composition);
    const [request, other] = system.requests;

    test("the order keeps every law of orders: each position is predicted exactly once", () => {
      expect(brokenLaws(order)).toEqual([]);
    });

    test.runIf(codes)("every position gets one token of the codebook", async () => {
      const { ids } = await drawAll(sampler, { request, seed: 1 });
      expect(ids.map(({ length }) => length)).toEqual(order.steps.map(({ count }) => count));
      for (const id of ids.flatMap((own) => [...own])) {
        expect(id).toBeGreaterThanOrEqual(0);
        expect(id).toBeLessThan(codes!.predictor.logits);
      }
    });

    test("the same seed gives the same tokens and pixels, alone or after other pictures", async () => {
      const alone = await openSampler(device, composition, parameters);
      const wanted = await drawAll(alone, { request, seed: 7 });
      await alone.close();
      await drawAll(sampler, { request: other, seed: 6, guidance: constant(3) });
      const found = await drawAll(sampler, { request, seed: 7 });
      expect(found).toEqual(wanted);
    });

    test("a picture that is given up leaves nothing behind", async () => {
      const wanted = await drawAll(sampler, { request, seed: 7 });
      for await (const step of sampler.run({
        ...composition.decoding,
        request: other,
        seed: 8,
        guidance: constant(1),
      })) {
        if (step.step === Math.min(1, step.steps - 1)) break;
      }
      expect(await drawAll(sampler, { request, seed: 7 })).toEqual(wanted);
    });

    test("different seeds and different requests give different tokens", async () => {
      const tokens = async (own: typeof request, seed: number) => {
        const { ids, pixels } = await drawAll(sampler, { request: own, seed });
        return codes ? ids : pixels;
      };
      const wanted = await tokens(request, 7);
      expect(await tokens(request, 8)).not.toEqual(wanted);
      expect(await tokens(other, 7)).not.toEqual(wanted);
    });

    test("guidance 1 is unguided, a stronger one is not, whatever its schedule", async () => {
      const wanted = await drawAll(sampler, { request, seed: 7 });
      const ramp = linearRamp({ from: 1, to: 1 });
      expect(await drawAll(sampler, { request, seed: 7, guidance: ramp })).toEqual(wanted);
      const strong = await drawAll(sampler, { request, seed: 7, guidance: constant(4) });
      const found = ({ logits, pixels }: Drawn) => logits[0] ?? pixels;
      expect(largestError(found(strong), found(wanted))).toBeGreaterThan(1e-2);
    });

    test("guided without a request is unguided: both branches are the null branch", async () => {
      const plain = await drawAll(sampler, { request: null, seed: 7 });
      const guided = await drawAll(sampler, { request: null, seed: 7, guidance: constant(4) });
      expect(guided.ids).toEqual(plain.ids);
      expect(largestError(guided.pixels, plain.pixels)).toBeLessThan(1e-3);
    });

    test.runIf(codes)(
      "cached is uncached: each step's logits are those of one pass under the mask",
      async () => {
        const { ids, logits } = await drawAll(sampler, { request, seed: 7 });
        const masked = await maskedForward(device, codes!, parameters);
        const all = await masked.logits(request, ids);
        await masked.close();
        order.steps.forEach((step, k) => {
          const wanted = rows(all, step, codes!.predictor.logits);
          // two orders of summation in float32
          expect(largestError(logits[k]!, wanted)).toBeLessThan(1e-4);
        });
      },
    );

    test.runIf(codes)("given tokens stay, the others are drawn", async () => {
      const { maps } = tokenizerOf(composition.tokenizer);
      const ids = order.steps.map(({ count }) => new Int32Array(count).fill(3));
      const half = { height: 2, width: 2, keep: [1, 0, 1, 0] };
      const all = keepMasks(half, maps).flatMap((map) => [...map]);
      const keep = order.steps.map(({ start, count }) =>
        Uint8Array.from(all.slice(start, start + count)),
      );
      const given = ids.map((own, k) => ({ ids: own, keep: keep[k]! }));
      const drawn = await drawAll(sampler, { request, seed: 7, given });
      drawn.ids.forEach((own, k) => {
        own.forEach((id, i) => {
          if (keep[k]![i]) expect(id).toBe(3);
        });
      });
      const free = drawn.ids.flatMap((own, k) => [...own].filter((_, i) => !keep[k]![i]));
      expect(free.some((id) => id !== 3)).toBe(true);
    });

    test("settings out of range are refused together", async () => {
      const bad = drawAll(sampler, { request, seed: 1, topK: -1, topP: 0, temperature: -1 });
      await expect(bad).rejects.toThrow(ConfigError);
      await expect(bad).rejects.toThrow(/top-k -1, top-p 0, temperature -1/);
    });
  });
}
