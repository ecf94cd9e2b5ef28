/** What must be true of the masked encoder and decoder (sheet mar, "What must be true"). */
import { expect, test } from "vitest";
import { tinyMasked } from "../../test/decoding/tiny-masked.ts";
import { largestError } from "../../test/ops/run-case.ts";
import { addDims, namedDim } from "../graph/dim.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import { hiddenBias } from "../orders/visibility.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import { maskedPredictor, slotRows } from "./masked-encoder-decoder.ts";

const device = await openDevice("cpu", { threads: 1 });
const { predictor, tokenizer, conditioning, parameters } = tinyMasked();
const tokens = tokenSizes(tokenizer);
const { count, channels } = tokens;
const { classSlots } = predictor;

interface Known {
  readonly cells: readonly number[];
  /** Of all cells, [L, C]. */
  readonly all: Float32Array;
  /** Rows that fill up the batch, and that nobody sees. */
  readonly padding?: number;
}

/** The vectors of all cells [L, D], and those of cells 2 and 9. */
async function vectors({ cells, all, padding = 0 }: Known) {
  const known = cells.length + padding;
  const n = namedDim("n");
  const bound = maskedPredictor({ ...predictor, tokens, conditioning }).bind(new Scope());
  const encoded = bound.encode(
    {
      tokens: input("tokens", "float32", [1, n, channels]),
      cells: input("cells", "int32", [1, n]),
      ...(padding > 0 && { bias: input("bias", "float32", [1, 1, 1, addDims(n, classSlots)]) }),
    },
    bound.condition(conditioning.inputs(1)),
  );
  const slots = input("slots", "int32", [1, classSlots + count]);
  const outputs = {
    all: bound.decode(encoded, slots),
    some: bound.decodeCells(encoded, slots, input("wanted", "int32", [2])),
  };
  const fn = await compile(device, "predictor", outputs, { constants: parameters });
  const rows = [...cells.map((cell) => all.slice(cell * channels, (cell + 1) * channels))];
  while (rows.length < known) rows.push(new Float32Array(channels).fill(9));
  const padded = [...cells, ...new Array(padding).fill(-1)];
  const results = await fn.run({
    tokens: {
      data: Float32Array.from(rows.flatMap((row) => [...row])),
      dims: [1, known, channels],
    },
    cells: { data: Int32Array.from(padded, (cell) => Math.max(cell, 0)), dims: [1, known] },
    slots: slotRows(Int32Array.from(padded), { batch: 1, known, count, classSlots }),
    label: Int32Array.of(1),
    wanted: Int32Array.of(2, 9),
    bias: {
      data: Float32Array.from({ length: classSlots + known }, (_, i) =>
        i < classSlots + cells.length ? 0 : hiddenBias,
      ),
      dims: [1, 1, 1, classSlots + known],
    },
  });
  await fn.release();
  return { all: results.all!.data as Float32Array, some: results.some!.data as Float32Array };
}

const drawn = (seed: number) => random(seed, "tokens").normals(count * channels);
const cells = [1, 4, 7, 8];

test("vectors do not change with tokens at masked cells, and do with known ones", async () => {
  const [a, b] = [drawn(1), drawn(2)];
  const mixed = a.map((x, i) => (cells.includes(Math.floor(i / channels)) ? x : b[i]!));
  const { all } = await vectors({ cells, all: a });
  expect((await vectors({ cells, all: mixed })).all).toEqual(all);
  expect(largestError((await vectors({ cells, all: b })).all, all)).toBeGreaterThan(0.01);
});

test("with nothing known the vectors are the same for all tokens", async () => {
  const { all } = await vectors({ cells: [], all: drawn(1) });
  expect((await vectors({ cells: [], all: drawn(2) })).all).toEqual(all);
  expect(all.every(Number.isFinite)).toBe(true);
});

test("the encoder's rows have no order but their positions", async () => {
  const { all } = await vectors({ cells, all: drawn(1) });
  const turned = await vectors({ cells: [8, 1, 7, 4], all: drawn(1) });
  expect(largestError(turned.all, all)).toBeLessThan(1e-5);
});

test("rows that fill up a batch change nothing", async () => {
  const { all } = await vectors({ cells, all: drawn(1) });
  expect(largestError((await vectors({ cells, all: drawn(1), padding: 3 })).all, all)).toBeLessThan(
    1e-5,
  );
});

test("vectors of some cells are those of all", async () => {
  const { all, some } = await vectors({ cells, all: drawn(1) });
  const { width } = predictor;
  const wanted = [2, 9].flatMap((cell) => [...all.slice(cell * width, (cell + 1) * width)]);
  expect(largestError(some, Float32Array.from(wanted))).toBeLessThan(1e-6);
});

test("slots name the encoder's rows through the batch, and the mask vector where nothing is known", () => {
  const sizes = { batch: 2, known: 2, count: 4, classSlots: 1 };
  expect([...slotRows(Int32Array.of(3, 0, 2, -1), sizes)]).toEqual([0, 2, 6, 6, 1, 3, 6, 6, 4, 6]);
});
