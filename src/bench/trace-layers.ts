/**
 * Which layer a node of a trace belongs to. The writer names a node after the parameter that it
 * reads (`blocks.3.mlp.fc1.weight/Gemm_76`) and numbers all nodes; the ones without a parameter lie
 * between those with one.
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
const beginnings: ReadonlySet<string> = new Set(["LayerNormalization", "ReduceMean", "QuickGelu"]);

const unknown: LayerPart = { layer: "other", part: "" };

/** The layer of each node, in the order given, which is that of execution. */
export function layersOf(nodes: readonly Named[]): LayerPart[] {
  const found = nodes.map(({ name }) => ownLayer(name));
  const numbered = nodes
    .map(({ name, kind }, index) => ({ index, kind, number: numberOf(name) }))
    .filter((node) => node.number !== undefined)
    .sort((a, b) => a.number! - b.number!);
  // between two nodes with parameters: the last one's until a layer begins, then the next one's
  let last: LayerPart | undefined;
  let waiting: number[] = [];
  for (const { index, kind } of numbered) {
    const own = found[index];
    if (own) {
      for (const i of waiting) found[i] = own;
      waiting = [];
      last = own;
    } else if (waiting.length > 0 || beginnings.has(kind) || !last) waiting.push(index);
    else found[index] = last;
  }
  for (const i of waiting) found[i] = last;
  // the engine's own nodes have no number: they belong to what ran before them
  let before: LayerPart | undefined;
  return found.map((own) => {
    before = own ?? before;
    return before ?? unknown;
  });
}

/** `tokenizer.decoder.up.2.blocks.0.conv1.weight/Conv_3` → decoder.up.2, blocks.0. */
function ownLayer(name: string): LayerPart | undefined {
  const slash = name.lastIndexOf("/");
  if (slash < 0) return undefined;
  const path = name.slice(0, slash).replace(/^tokenizer\./, "");
  // the last word is the parameter's own name
  const words = path.split(".").slice(0, -1);
  if (words.length === 0) return { layer: path, part: "" };
  const number = words.findIndex((word) => /^\d+$/.test(word));
  const cut = number >= 0 ? number + 1 : Math.min(words.length, words[0] === "decoder" ? 2 : 1);
  const rest = words.slice(cut);
  const part = rest.slice(0, /^\d+$/.test(rest[1] ?? "") ? 2 : 1);
  return { layer: words.slice(0, cut).join("."), part: part.join(".") };
}

function numberOf(name: string): number | undefined {
  const match = /^(?:.*\/)?[A-Za-z]+_(\d+)$/.exec(name);
  return match ? Number(match[1]) : undefined;
}
