import { describe, expect, it } from "vitest";
import type { SystemRecipe, TokenizerRecipe } from "../recipes/recipe.ts";
import { smallLlamaGen } from "../recipes/small-llamagen.ts";
import { smallLlamaGenTokenizer } from "../recipes/small-llamagen-tokenizer.ts";
import { smallMar } from "../recipes/small-mar.ts";
import { smallMarTokenizer } from "../recipes/small-mar-tokenizer.ts";
import { smallTokenizer } from "../recipes/small-tokenizer.ts";
import { smallVar } from "../recipes/small-var.ts";
import { openDevice } from "../runtime/device.ts";
import { modelStep } from "./model-step.ts";

const device = await openDevice("cpu");

describe("a training step of a recipe's model", () => {
  const bases: readonly (readonly [SystemRecipe, TokenizerRecipe])[] = [
    [smallVar, smallTokenizer],
    [smallLlamaGen, smallLlamaGenTokenizer],
    [smallMar, smallMarTokenizer],
  ];

  it.each(bases.map(([recipe, tokenizer]) => [recipe.name, recipe, tokenizer] as const))(
    "of %s does the same work again and again, and learns by it",
    async (name, recipe, tokenizer) => {
      const plan = { ...recipe.plan, batchSize: 2 };
      const target = modelStep("step", { ...recipe, plan } as SystemRecipe, tokenizer);
      const workload = await target.open(device);
      const losses: number[] = [];
      for (let i = 0; i < 3; i++) losses.push((await workload.run()) as number);
      await workload.close();
      expect(losses[2], name).toBeLessThan(losses[0]!);
      expect(workload.flop).toBeGreaterThan(1e9);
      expect(workload.facts.parameters).toBeGreaterThan(1e6);
    },
  );
});
