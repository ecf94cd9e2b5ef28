import { describe, expect, it } from "vitest";
import { tinyClip } from "../../test/features/tiny-clip.ts";
import { evaluate } from "../../test/ops/evaluate.ts";
import { initialize } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import type { Feed } from "../runtime/function.ts";
import { type ClipGraph, clipPixels, traceClipImages, traceClipTexts } from "./clip.ts";
import type { ClipTower } from "./clip-sizes.ts";

type Rows = number[][];
type Weights = ReadonlyMap<string, Float32Array>;

const images = traceClipImages(tinyClip);
const texts = traceClipTexts(tinyClip);
const imageWeights = weightsOf(images);
const textWeights = weightsOf(texts);

/** Gains and offsets, too, are random: a part that is left out must change the result. */
function weightsOf({ scope }: ClipGraph): Map<string, Float32Array> {
  const values = initialize(scope.specs, 1);
  for (const [path, array] of values) {
    const normals = random(2, path).normals(array.length);
    const gain = /[nN]orm\w*\.weight$/.test(path) ? 1 : 0;
    for (let i = 0; i < array.length; i++) array[i] = gain + 0.3 * normals[i]!;
  }
  return values;
}

async function embedded(
  { embedding }: ClipGraph,
  constants: Weights,
  feeds: Readonly<Record<string, Feed>>,
): Promise<number[]> {
  return (await evaluate({ embedding }, feeds, { constants })).embedding!;
}

function textFeeds(ids: readonly number[], end = ids.length - 1): Record<string, Feed> {
  return {
    ids: { data: Int32Array.from(ids), dims: [1, ids.length] },
    places: { data: Int32Array.from(ids.keys()), dims: [ids.length] },
    end: Int32Array.of(end),
  };
}

const embedText = (...given: Parameters<typeof textFeeds>) =>
  embedded(texts, textWeights, textFeeds(...given));

describe("the text tower of CLIP", () => {
  const ids = [598, 7, 300, 41, 599];

  it("equals a direct computation, causal and pooled at the end mark", async () => {
    const at = rowsOf(textWeights);
    const [table, positions] = [at("text.tokens.weight"), at("text.positions")];
    const rows = ids.map((id, place) => table(id).map((x, c) => x + positions(place)[c]!));
    const seen = blocks(rows, tinyClip.text, at, "text", true);
    expectClose(await embedText(ids), head(seen[4]!, at, "text"));
  });

  it("gives the same whatever stands behind the end mark", async () => {
    const alone = await embedText(ids);
    expectClose(await embedText([...ids, 0, 0, 0, 0], 4), alone);
    expectClose(await embedText([...ids, 599, 599], 4), alone);
    expect(distance(await embedText([598, 300, 7, 41, 599]), alone)).toBeGreaterThan(0.01);
  });
});

describe("the image tower of CLIP", () => {
  const { side, patch, width } = tinyClip.image;

  it("equals a direct computation for each picture of a batch", async () => {
    const pixels = random(3, "pixels")
      .uniforms(2 * 3 * side * side)
      .map((u) => 2 * u - 1);
    const got = await embedded(images, imageWeights, {
      pixels: { data: pixels, dims: [2, 3, side, side] },
    });
    const direct = [0, 1].flatMap((b) => {
      const start = b * 3 * side * side;
      return directImage(pixels.subarray(start, start + 3 * side * side));
    });
    expectClose(got, direct);
  });

  function directImage(pixels: Float32Array): number[] {
    const at = rowsOf(imageWeights);
    const kernel = imageWeights.get("image.patches.weight")!;
    const across = side / patch;
    const pixel = (channel: number, y: number, x: number) => {
      const { mean, deviation } = clipPixels;
      const unit = (pixels[(channel * side + y) * side + x]! + 1) / 2;
      return (unit - mean[channel]!) / deviation[channel]!;
    };
    const rows = [at("image.classToken", width)(0)];
    for (let p = 0; p < across ** 2; p++) {
      const [top, left] = [Math.floor(p / across) * patch, (p % across) * patch];
      rows.push(
        range(width).map((o) => {
          let sum = 0;
          for (let i = 0; i < 3 * patch * patch; i++) {
            const [c, y, x] = [
              Math.floor(i / patch ** 2),
              Math.floor(i / patch) % patch,
              i % patch,
            ];
            sum += kernel[o * 3 * patch * patch + i]! * pixel(c, top + y, left + x);
          }
          return sum;
        }),
      );
    }
    const positions = at("image.positions");
    const placed = rows.map((row, n) => row.map((x, c) => x + positions(n)[c]!));
    const before = placed.map((row) => norm(row, at, "image.normBefore"));
    return head(blocks(before, tinyClip.image, at, "image", false)[0]!, at, "image");
  }
});

type RowsAt = (path: string, width?: number) => (row: number) => number[];

/** Rows of matrices and vectors by path. */
function rowsOf(weights: Weights): RowsAt {
  return (path, width = tinyClip.image.width) => {
    const values = weights.get(path)!;
    return (row) => [...values.subarray(row * width, (row + 1) * width)];
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

function norm(row: readonly number[], at: RowsAt, path: string): number[] {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length;
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length;
  const [gain, offset] = [at(`${path}.weight`)(0), at(`${path}.bias`)(0)];
  return row.map((x, c) => ((x - mean) / Math.sqrt(variance + 1e-5)) * gain[c]! + offset[c]!);
}

function affine(row: readonly number[], at: RowsAt, path: string, outputs: number): number[] {
  const [weight, bias] = [at(`${path}.weight`, row.length), at(`${path}.bias`, outputs)(0)];
  return range(outputs).map((o) => dot(row, weight(o)) + bias[o]!);
}

function blocks(
  start: Rows,
  { width, depth, heads }: ClipTower,
  at: RowsAt,
  tower: string,
  causal: boolean,
): Rows {
  let x = start;
  for (let n = 0; n < depth; n++) {
    const path = `${tower}.blocks.${n}`;
    const qkv = x.map((row) =>
      affine(norm(row, at, `${path}.norm1`), at, `${path}.qkv`, 3 * width),
    );
    const seen = attended(qkv, width, heads, causal);
    x = x.map((row, s) => plus(row, affine(seen[s]!, at, `${path}.projection`, width)));
    x = x.map((row) => {
      const wide = affine(norm(row, at, `${path}.norm2`), at, `${path}.mlp.fc1`, 4 * width);
      const active = wide.map((u) => u / (1 + Math.exp(-1.702 * u)));
      return plus(row, affine(active, at, `${path}.mlp.fc2`, width));
    });
  }
  return x;
}

function attended(qkv: Rows, width: number, heads: number, causal: boolean): Rows {
  const size = width / heads;
  return qkv.map((row, s) =>
    range(heads).flatMap((h) => {
      const part = (from: readonly number[], which: number) =>
        from.slice(which * width + h * size, which * width + (h + 1) * size);
      const visible = qkv.filter((_, t) => !causal || t <= s);
      const weights = visible.map((other) =>
        Math.exp(dot(part(row, 0), part(other, 1)) / Math.sqrt(size)),
      );
      const total = weights.reduce((sum, w) => sum + w, 0);
      return range(size).map((d) =>
        visible.reduce((sum, other, t) => sum + (weights[t]! / total) * part(other, 2)[d]!, 0),
      );
    }),
  );
}

function head(row: readonly number[], at: RowsAt, tower: string): number[] {
  const normed = norm(row, at, `${tower}.norm`);
  const weight = at(`${tower}.projection.weight`);
  return range(tinyClip.dimensions).map((o) => dot(normed, weight(o)));
}

function plus(a: readonly number[], b: readonly number[]): number[] {
  return a.map((x, i) => x + b[i]!);
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));
}

function expectClose(got: readonly number[], wanted: readonly number[]): void {
  expect(got.length).toBe(wanted.length);
  expect(distance(got, wanted)).toBeLessThan(1e-4);
}
