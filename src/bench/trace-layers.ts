/**
 * Which layer a node of a trace belongs to. The writer names a node after the parameter that it
 * reads (`blocks.3.mlp.fc1.weight/Gemm_76`); the others run between nodes with a parameter.
 */

export interface LayerPart {
  readonly layer: string;
  readonly part: string;
}

interface Named {
  readonly name: string;
  readonly kind: string;
}

/** With these a layer begins: what follows belongs to the next parameter, not to the last. */
const beginnings: ReadonlySet<string> = new Set([
  "LayerNormalization",
  "SimplifiedLayerNormalization",
]);

const unknown: LayerPart = { layer: "other", part: "" };

/** The layer of each node, in the order given, which is that of execution. */
export function layersOf(nodes: readonly Named[]): LayerPart[] {
  const found: LayerPart[] = Array(nodes.length).fill(unknown);
  let last: LayerPart | undefined;
  let waiting: number[] = [];
  for (const [i, { name, kind }] of nodes.entries()) {
    const own = ownLayer(name);
    if (own) {
      for (const j of waiting) found[j] = own;
      waiting = [];
      found[i] = own;
      last = own;
    } else if (!last || waiting.length > 0 || beginnings.has(kind)) waiting.push(i);
    else found[i] = last;
  }
  if (last) for (const j of waiting) found[j] = last;
  return found;
}

/** `tokenizer.decoder.levels.2.blocks.0.conv1.weight/Conv_3` → decoder.levels.2, blocks.0. */
function ownLayer(name: string): LayerPart | undefined {
  const path = /^(.+)\/[A-Za-z]+_\d+/.exec(name)?.[1];
  if (path === undefined) return undefined;
  // the last word is the parameter's own name
  const words = path.replace(/^tokenizer\./, "").split(".");
  const above = words.slice(0, -1);
  if (above.length === 0) return { layer: words[0]!, part: "" };
  const number = above.findIndex((word) => /^\d+$/.test(word));
  const cut = number >= 0 ? number + 1 : above[0] === "decoder" ? 2 : 1;
  const rest = above.slice(cut);
  const part = rest.slice(0, /^\d+$/.test(rest[1] ?? "") ? 2 : 1);
  return { layer: above.slice(0, cut).join("."), part: part.join(".") };
}
