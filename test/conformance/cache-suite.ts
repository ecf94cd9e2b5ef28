/** Cache policies drop what their visibility hides, and nothing else. */
import { describe, expect, test } from "vitest";
import { type CachePolicy, keepAll, keepLast, keepNone, kept } from "../../src/caches/policy.ts";
import { nextScale } from "../../src/orders/next-scale.ts";
import { levels, type Order } from "../../src/orders/order.ts";
import { visibilityBias } from "../../src/orders/visibility.ts";
import type { Device } from "../../src/runtime/device.ts";
import { largestError } from "../ops/run-case.ts";
import { drawAll, openSampler, rows } from "./drawing.ts";
import { maskedForward } from "./masked-forward.ts";
import {
  compose,
  nextScale as nextScaleOf,
  ofCodes,
  type TinySystem,
  wildModel,
} from "./tiny-systems.ts";

/** The order whose positions see their own step and those that the policy keeps. */
function orderOf(policy: CachePolicy, order: Order): Order {
  const level = levels(order);
  const visible = (query: number, key: number) => {
    const step = level[query]!;
    return level[key] === step || kept(policy, step).includes(level[key]!);
  };
  return { ...order, visible };
}

/** The cached logits of each step against those of one pass under the visibility of each order. */
async function errorsOf(
  device: Device,
  system: TinySystem,
  policy: CachePolicy,
  orders: readonly Order[],
): Promise<number[]> {
  const composition = ofCodes(compose(system))!;
  const parameters = wildModel(composition);
  const [request] = system.requests;
  const sampler = await openSampler(device, { ...composition, cache: policy }, parameters);
  const { ids, logits } = await drawAll(sampler, { request, seed: 2 });
  await sampler.close();
  const errors: number[] = [];
  for (const order of orders) {
    const masked = await maskedForward(device, { ...composition, order }, parameters);
    const all = await masked.logits(request, ids);
    await masked.close();
    const perStep = order.steps.map((step, k) =>
      largestError(logits[k]!, rows(all, step, composition.predictor.logits)),
    );
    errors.push(Math.max(...perStep));
  }
  return errors;
}

export function cacheSuite(device: Device, system: TinySystem): void {
  const composition = compose(system);
  const { order } = composition;
  // where tokens are vectors nothing is cached
  describe.skipIf(order.steps.length === 1 || !ofCodes(composition))(
    `${system.name}, caches`,
    () => {
      test.each<[string, CachePolicy]>([
        ["keepLast(1)", keepLast(1)],
        ["keepLast(2)", keepLast(2)],
        ["keepNone", keepNone()],
      ])("%s gives what one pass under its visibility gives, and no other", async (_, policy) => {
        const all = orderOf(keepAll(), order);
        const [own, other] = await errorsOf(device, system, policy, [orderOf(policy, order), all]);
        expect(own).toBeLessThan(1e-4);
        expect(other).toBeGreaterThan(1e-2);
      });

      const isScales = composition.base === "next-scale";
      test.runIf(isScales)(
        "keepNone shows what the block-diagonal order does, keepAll what the block-causal",
        () => {
          const variant = (attention: "block-causal" | "block-diagonal") =>
            visibilityBias(
              nextScale(nextScaleOf(composition).tokenizer.scales, {
                attention,
                input: "reconstruction",
              }),
            );
          const kept = (policy: CachePolicy) => visibilityBias(orderOf(policy, order));
          expect(kept(keepNone())).toEqual(variant("block-diagonal"));
          expect(kept(keepAll())).toEqual(variant("block-causal"));
        },
      );
    },
  );
}
