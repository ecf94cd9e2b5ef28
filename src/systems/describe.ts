/** What the catalogue says of a system, computed from its parts. */
import { countParameters } from "../nn/layer.ts";
import { visiblePairs } from "../orders/visibility.ts";
import { baseOf } from "./bases.ts";
import type { AnySystem } from "./index.ts";
import { modelParameters } from "./model-parameters.ts";
import type { Composition } from "./system.ts";

export interface SystemDescription {
  readonly name: string;
  readonly title: string;
  readonly paper: string;
  readonly presets: readonly {
    readonly name: string;
    readonly transformer: number;
    readonly tokenizer: number;
    readonly tokens: number;
    readonly passes: number;
  }[];
  readonly parts: Readonly<Record<string, string>>;
}

/** Traces every preset of a system; nothing is allocated. */
export function describeSystem(system: AnySystem): SystemDescription {
  const composed = Object.entries(system.presets).map(
    ([name, config]) => [name, system.compose(config, {})] as const,
  );
  const presets = composed.map(([name, composition]) => {
    const { transformer, tokenizer } = modelParameters(composition);
    return {
      name,
      transformer: countParameters(transformer),
      tokenizer: countParameters(tokenizer),
      tokens: composition.order.tokenCount,
      passes: composition.order.steps.length,
    };
  });
  const { name, title, paper } = system;
  return { name, title, paper, presets, parts: partsOf(composed[0]![1]) };
}

/** What the parts of the first preset say of themselves. */
function partsOf(composition: Composition): Record<string, string> {
  const { order, head, guidance, cache, objective } = composition;
  const pairs = visiblePairs(order);
  const { tokenizer, predictor } = baseOf(composition).describe(composition);
  return {
    tokenizer,
    order: `${order.name}: ${order.steps.length} steps, ${order.tokenCount} tokens, ${pairs.toLocaleString("en")} visible pairs`,
    predictor,
    head:
      head.kind === "diffusion"
        ? `${head.kind}, depth ${head.depth}, width ${head.width}, ${head.steps} steps`
        : `${head.kind}, ${head.codebookSize} codes`,
    guidance: guidance.name,
    cache: cache.name,
    objective: objective.kind,
  };
}
