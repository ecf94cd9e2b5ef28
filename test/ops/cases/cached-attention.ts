import { cachedAttention, cachedAttentionOp } from "../../../src/graph/ops/cached-attention.ts";
import { random } from "../../../src/random/random.ts";
import { fixed, type OpCase, record } from "../op-case.ts";
import { at, type Plain, tabulate, total } from "../plain.ts";

interface Sizes {
  readonly batch: number;
  readonly heads: number;
  readonly size: number;
  /** Rows of the cache. */
  readonly length: number;
  /** The place of the first new row. */
  readonly start: number;
  readonly rows: number;
}

/** Queries, keys or values of new rows: [B, H, S, D]. */
function part(qkv: Plain, index: number, { heads, size }: Sizes) {
  return (b: number, h: number, s: number, d: number) =>
    at(qkv, b, s, index * heads * size + h * size + d);
}

function reference(sizes: Sizes, ...[qkv, keys, values, cosines, sines]: Plain[]): number[] {
  const { batch, heads, size, length, start, rows } = sizes;
  type Rows = ReturnType<typeof part>;
  const turned =
    (x: Rows): Rows =>
    (b, h, s, d) => {
      const [cosine, sine] = [cosines!, sines!].map((t) => at(t, start + s, d >> 1)) as [
        number,
        number,
      ];
      return x(b, h, s, d) * cosine + x(b, h, s, d ^ 1) * (d % 2 === 0 ? -sine : sine);
    };
  const q = turned(part(qkv!, 0, sizes));
  const merged =
    (old: Plain, added: Rows): Rows =>
    (b, h, t, d) =>
      t >= start && t < start + rows ? added(b, h, t - start, d) : at(old, b, h, t, d);
  const k = merged(keys!, turned(part(qkv!, 1, sizes)));
  const v = merged(values!, part(qkv!, 2, sizes));
  const y = tabulate([batch, rows, heads, size], (b, s, h, d) => {
    const seen = start + s! + 1;
    const products = Array.from(
      { length: seen },
      (_, t) => total(size, (i) => q(b!, h!, s!, i) * k(b!, h!, t, i)) / Math.sqrt(size),
    );
    const weights = products.map((x) => Math.exp(x - Math.max(...products)));
    const sum = weights.reduce((a, w) => a + w, 0);
    return total(seen, (t) => (weights[t]! / sum) * v(b!, h!, t, d!));
  });
  const cache = (of: Rows) =>
    tabulate([batch, heads, length, size], (b, h, t, d) => of(b!, h!, t!, d!));
  return [...y, ...cache(k), ...cache(v)];
}

function cachedCase(what: string, sizes: Sizes): OpCase {
  const { batch, heads, size, length, start, rows } = sizes;
  const angles = random(1, "angles", what).uniforms((length * size) / 2);
  const table = (f: (x: number) => number) =>
    fixed(
      "float32",
      [length, size / 2],
      Array.from(angles, (a) => f(6 * a)),
    );
  const positions = Array.from({ length: rows }, (_, s) => start + s);
  const places = tabulate([batch, heads, rows, 3], (b, h, s, i) => [b, h, start + s!][i!]!);
  const visible = tabulate([rows, length], (s, t) => (t! <= start + s! ? 0 : -1e9));
  const cache = [batch, heads, length, size];
  return {
    op: record(cachedAttentionOp),
    name: `cachedAttention: ${what}`,
    shapes: [[batch, rows, 3 * heads * size], cache, cache],
    fixed: [
      table(Math.cos),
      table(Math.sin),
      fixed("int32", [rows], positions),
      fixed("int64", [batch, heads, rows, 3], places),
      fixed("float32", [1, 1, rows, length], visible),
      fixed(
        "int32",
        [batch],
        Array.from({ length: batch }, () => start + rows - 1),
      ),
      fixed("int32", [], [start + rows]),
    ],
    build: (qkv, keys, values, cosines, sines, positions, places, visible, last, total) => {
      const made = cachedAttention(qkv!, {
        keys: keys!,
        values: values!,
        cosines: cosines!,
        sines: sines!,
        rows: {
          positions: positions!,
          places: places!,
          visible: visible!,
          last: last!,
          total: total!,
        },
      });
      return [made.y, made.keys, made.values];
    },
    reference: (...inputs) => reference(sizes, ...inputs),
  };
}

export const cachedAttentionCases: readonly OpCase[] = [
  cachedCase("a row at the end", { batch: 2, heads: 2, size: 16, length: 4, start: 3, rows: 1 }),
  cachedCase("the first rows", { batch: 2, heads: 3, size: 16, length: 3, start: 0, rows: 3 }),
  cachedCase("heads that the kernel does not take", {
    batch: 2,
    heads: 2,
    size: 4,
    length: 5,
    start: 1,
    rows: 2,
  }),
];
