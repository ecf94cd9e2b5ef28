/** A profile as a tree of times: the run, its phases, their layers, the layers' parts, kinds of nodes. */
import { isProduct } from "../graph/support/operators.ts";
import type { Profile } from "./profile.ts";
import type { Phase, PhaseEntry } from "./trace.ts";

/** What a box stands for; boxes of one family look alike. */
export type Family = "group" | "product" | "norm" | "elementwise" | "layout" | "other";

export interface Flame {
  readonly name: string;
  readonly ms: number;
  readonly family: Family;
  /** What else to say of it. */
  readonly note?: string;
  readonly children: readonly Flame[];
}

const families: readonly (readonly [Family, RegExp])[] = [
  ["norm", /Norm|Softmax|^Reduce|TopK|CumSum|ArgMax/],
  [
    "layout",
    /^(Reshape|Transpose|Split|Concat|Slice|Gather|Expand|Reorder|Pad|Resize|Squeeze|Unsq)/,
  ],
  [
    "elementwise",
    /^(Add|Sub|Mul|Div|Max|Min|Pow|Sqrt|Reciprocal|Exp|Log|Erf|Sigmoid|Tanh|Relu|Clip|Cast|Where|Less|Greater|Equal|Neg|Abs|Floor|Sum)$|Gelu|BiasAdd/,
  ],
];

/** The tree of one run; a group's time without its children's is the engine's own. */
export function flameOf(name: string, { phases }: Profile): Flame {
  const children = phases.map(phaseFlame);
  const ms = children.reduce((sum, child) => sum + child.ms, 0);
  return { name, ms, family: "group", children };
}

function phaseFlame({ name, wallMs, entries }: Phase): Flame {
  const children = inOrder(entries).map(([layer, own]) => {
    const parts = grouped(own, ({ part }) => part);
    return group(
      layer,
      // a layer without parts needs no row for them
      parts.flatMap(([part, rows]) =>
        part === "" ? rows.map(kindFlame) : [group(part, rows.map(kindFlame))],
      ),
    );
  });
  const inside = children.reduce((sum, child) => sum + child.ms, 0);
  // each node's best run counts, so that all nodes together may take less or more than a run
  return { name, ms: Math.max(wallMs, inside), family: "group", children };
}

function group(name: string, children: readonly Flame[]): Flame {
  const ms = children.reduce((sum, child) => sum + child.ms, 0);
  return { name, ms, family: "group", children };
}

function kindFlame({ kind, nodes, ms }: PhaseEntry): Flame {
  const note = nodes === 1 ? "1 node" : `${nodes} nodes`;
  return { name: kind, ms, family: familyOf(kind), note, children: [] };
}

function familyOf(kind: string): Family {
  if (isProduct(kind)) return "product";
  return families.find(([, pattern]) => pattern.test(kind))?.[0] ?? "other";
}

/** Layers by when their longest work runs: what steers all blocks is computed before the first. */
function inOrder(entries: readonly PhaseEntry[]): [string, PhaseEntry[]][] {
  const at = new Map(entries.map((entry, i) => [entry, i]));
  const longest = (own: readonly PhaseEntry[]) =>
    at.get(own.reduce((a, b) => (b.ms > a.ms ? b : a)))!;
  return grouped(entries, ({ layer }) => layer).sort(([, a], [, b]) => longest(a) - longest(b));
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const own = groups.get(key);
    if (own) own.push(item);
    else groups.set(key, [item]);
  }
  return [...groups];
}
