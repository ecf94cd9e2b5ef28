/**
 * The classes of a system in the code, from what its parts declare and from what its order does.
 *
 * Axes: L positions · K steps.
 */
import type { RequestForm } from "../conditioning/conditioning.ts";
import { ConfigError } from "../errors.ts";
import { levels, type Order } from "../orders/order.ts";
import { axes, type Classes } from "./taxonomy.ts";

/** What is read of a composition; every composition of `src/systems` has it. */
export interface Declarations {
  readonly kinds: {
    readonly tokenizer: Classes["tokenizer"];
    readonly predictor: Classes["predictor"];
  };
  /** Sizes of the token maps, coarse to fine; one or none where there is no hierarchy. */
  readonly tokenizer: {
    readonly scales?: readonly { readonly height: number; readonly width: number }[];
  };
  readonly order: Order;
  readonly head: { readonly kind: Classes["head"] };
  readonly conditioning: { readonly accepts: Pick<RequestForm, "kind"> };
}

/**
 * Classifies a composition; visits all L² pairs of positions, so give it the smallest preset.
 *
 * @throws ConfigError if the order's name is none of the taxonomy, or if it is called a sequence of
 *   maps and is none.
 */
export function classify({ kinds, tokenizer, order, head, conditioning }: Declarations): Classes {
  const unit = unitOf(order, tokenizer.scales ?? []);
  return {
    family: familyOf(unit, kinds.tokenizer),
    unit,
    order: orderOf(order, unit),
    tokenizer: kinds.tokenizer,
    latent: latentOf(head.kind),
    head: head.kind,
    attention: attentionOf(order),
    predictor: kinds.predictor,
    ...requestClasses[conditioning.accepts.kind],
  };
}

/** What compositions are asked with, and for what: each once, in the order of the taxonomy. */
export function askedClasses(
  compositions: readonly Pick<Declarations, "conditioning">[],
): Pick<Classes, "conditioning" | "task"> {
  const asked = compositions.map(({ conditioning }) => requestClasses[conditioning.accepts.kind]);
  return {
    conditioning: axes.conditioning.filter((name) =>
      asked.some((own) => own.conditioning.includes(name)),
    ),
    task: axes.task.filter((name) => asked.some((own) => own.task.includes(name))),
  };
}

const requestClasses: Readonly<
  Record<RequestForm["kind"], Pick<Classes, "conditioning" | "task">>
> = {
  classes: { conditioning: ["class"], task: ["class-to-image"] },
  words: { conditioning: ["text"], task: ["text-to-image"] },
  features: { conditioning: ["text"], task: ["text-to-image"] },
};

/** A step that covers one whole map of a growing sequence is a map; else its size decides. */
function unitOf(
  { steps }: Order,
  scales: readonly { readonly height: number; readonly width: number }[],
): Classes["unit"] {
  const sizes = scales.map(({ height, width }) => height * width);
  const grows = sizes.every((size, k) => k === 0 || size > sizes[k - 1]!);
  const wholeMaps = steps.length === sizes.length && steps.every((s, k) => s.count === sizes[k]);
  if (sizes.length > 1 && grows && wholeMaps) return "token-map";
  return steps.every(({ count }) => count === 1) ? "token" : "token-set";
}

function familyOf(unit: Classes["unit"], tokenizer: Classes["tokenizer"]): Classes["family"] {
  if (unit === "token-map") return "scale";
  return tokenizer === "none" ? "pixel" : "token";
}

/** `next-scale (block-causal)` is the order `scale`. */
function orderOf({ name }: Order, unit: Classes["unit"]): Classes["order"] {
  const word = name.replace(/^next-/, "").replace(/ \(.*$/, "");
  const found = axes.order.find((known) => known === word);
  if (found && (found !== "scale" || unit === "token-map")) return found;
  throw new ConfigError({
    where: `order ${JSON.stringify(name)}`,
    expected: found
      ? "steps that each predict one whole map of a growing sequence"
      : `a name of the taxonomy: ${axes.order.join(", ")}`,
    got: found ? `steps that predict a ${unit}` : word,
  });
}

function latentOf(head: Classes["head"]): Classes["latent"] {
  if (head === "bits") return "binary";
  return head === "categorical" ? "discrete" : "continuous";
}

/** Which pattern over steps the order's visibility is equal to. */
function attentionOf(order: Order): Classes["attention"] {
  const level = levels(order);
  const everywhere = (pattern: (query: number, key: number) => boolean): boolean => {
    for (let query = 0; query < order.tokenCount; query++) {
      for (let key = 0; key < order.tokenCount; key++) {
        if (order.visible(query, key) !== pattern(level[query]!, level[key]!)) return false;
      }
    }
    return true;
  };
  if (everywhere((query, key) => key <= query)) {
    return order.steps.every(({ count }) => count === 1) ? "causal" : "block-causal";
  }
  if (everywhere((query, key) => key === query)) return "block-diagonal";
  return everywhere(() => true) ? "bidirectional" : "windowed";
}
