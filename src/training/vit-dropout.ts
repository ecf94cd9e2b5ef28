/**
 * Dropout in a stack of ViT blocks (sheet mar, "Backbone forward"): on the shares of attention, on what
 * both branches add, and on the hidden vectors of the MLP. The factors are inputs, one of each kind
 * for all blocks of a stack.
 */
import type { Tensor } from "../graph/node.ts";
import { input } from "../graph/ops/source.ts";
import { slice } from "../graph/ops/window.ts";
import type { VitFactors } from "../nn/vit-block.ts";
import type { Random } from "../random/random.ts";
import type { HostTensor } from "../runtime/handle.ts";
import { dropoutFactors } from "./dropout.ts";

export interface VitDropoutRates {
  /** Of the shares that attention weighs values with. */
  readonly attentionDropout: number;
  /** Of what branches add, and of the hidden vectors. */
  readonly branchDropout: number;
}

export interface VitStackSizes {
  /** In front of the inputs' names: `encoder`. */
  readonly name: string;
  readonly depth: number;
  readonly heads: number;
  readonly batch: number;
  /** Rows of a sequence. */
  readonly rows: number;
  readonly width: number;
  /** Width of the hidden vectors. */
  readonly hidden: number;
}

type Kind = "Shares" | "Attention" | "Hidden" | "Mlp";

/** Sizes [B, …] of one block's factors by kind, without those that are never dropped. */
function shapesOf(
  { batch, heads, rows, width, hidden }: VitStackSizes,
  { attentionDropout, branchDropout }: VitDropoutRates,
): Partial<Record<Kind, readonly number[]>> {
  return {
    ...(attentionDropout > 0 && { Shares: [batch, heads, rows, rows] }),
    ...(branchDropout > 0 && {
      Attention: [batch, rows, width],
      Hidden: [batch, rows, hidden],
      Mlp: [batch, rows, width],
    }),
  };
}

/** The factors of block i, or none if nothing is dropped. */
export function vitDropoutInputs(
  sizes: VitStackSizes,
  rates: VitDropoutRates,
): ((block: number) => VitFactors) | undefined {
  const shapes = shapesOf(sizes, rates);
  if (Object.keys(shapes).length === 0) return undefined;
  const { batch, depth, name } = sizes;
  const all = (kind: Kind): Tensor | undefined => {
    const shape = shapes[kind];
    return shape && input(nameOf(name, kind), "float32", [depth * batch, ...shape.slice(1)]);
  };
  const [shares, attention, hidden, mlp] = (["Shares", "Attention", "Hidden", "Mlp"] as const).map(
    all,
  );
  return (block) => {
    const own = (factors: Tensor) => slice(factors, 0, block * batch, (block + 1) * batch);
    return {
      ...(shares && { shares: own(shares) }),
      ...(attention && { attention: own(attention) }),
      ...(hidden && { hidden: own(hidden) }),
      ...(mlp && { mlp: own(mlp) }),
    };
  };
}

export function vitDropoutFeeds(
  sizes: VitStackSizes,
  rates: VitDropoutRates,
  random: Random,
): Record<string, HostTensor> {
  const { attentionDropout, branchDropout } = rates;
  const feeds = Object.entries(shapesOf(sizes, rates)).map(([kind, shape]) => {
    const dims = [sizes.depth * sizes.batch, ...shape.slice(1)];
    const rate = kind === "Shares" ? attentionDropout : branchDropout;
    return [nameOf(sizes.name, kind as Kind), { data: dropoutFactors(rate, dims, random), dims }];
  });
  return Object.fromEntries(feeds) as Record<string, HostTensor>;
}

function nameOf(stack: string, kind: Kind): string {
  return `${stack}${kind}Dropout`;
}
