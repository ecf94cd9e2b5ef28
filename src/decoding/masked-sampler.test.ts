/** What must be true of masked decoding (sheet mar), on a model of a few thousand weights. */
import { afterAll, expect, test } from "vitest";
import { tinyMasked } from "../../test/decoding/tiny-masked.ts";
import { ConfigError } from "../errors.ts";
import { constant, perStep, revealed } from "../guidance/schedule.ts";
import { revealCounts } from "../orders/random-order.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { tokenSizes } from "../tokenizers/kl-autoencoder.ts";
import { MaskedSampler, type MaskedSamplingOptions } from "./masked-sampler.ts";

const device = await openDevice("cpu", { threads: 1 });
const model = tinyMasked();
const { count, channels } = tokenSizes(model.tokenizer);
const steps = model.order.steps.length;
const sampler = await MaskedSampler.create(device, model);
afterAll(() => sampler.close());

const plain: MaskedSamplingOptions = {
  request: 1,
  seed: 7,
  guidance: constant(1),
  topK: 0,
  topP: 1,
  temperature: 1,
};

/** All tokens after each step, and which cells it predicted. */
async function drawn(options: Partial<MaskedSamplingOptions> = {}, by = sampler) {
  const all: { cells: Int32Array; tokens: Float32Array }[] = [];
  for await (const step of by.run({ ...plain, ...options })) {
    all.push({ cells: step.cells, tokens: await step.tokens() });
  }
  return all;
}

const final = async (options: Partial<MaskedSamplingOptions> = {}) =>
  (await drawn(options)).at(-1)!.tokens;

test("each step predicts as many cells as the schedule says, and changes no others", async () => {
  const all = await drawn({ guidance: revealed(3) });
  expect(all.map(({ cells }) => cells.length)).toEqual(revealCounts(count, steps));
  let before = new Float32Array(count * channels);
  for (const { cells, tokens } of all) {
    for (let cell = 0; cell < count; cell++) {
      const [old, own] = [before, tokens].map((all) =>
        all.slice(cell * channels, (cell + 1) * channels),
      );
      if (cells.includes(cell)) expect(own!.every((x) => x !== 0)).toBe(true);
      else expect(own).toEqual(old);
    }
    before = tokens as Float32Array<ArrayBuffer>;
  }
});

test("a clip bounds the tokens of a wild model; a wide one changes nothing", async () => {
  const clipped = async (clip: number) => {
    const own = await MaskedSampler.create(device, { ...model, head: { ...model.head, clip } });
    const tokens = (await drawn({}, own)).at(-1)!.tokens;
    await own.close();
    return tokens;
  };
  const free = await final();
  const largest = free.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const bound = Math.fround(largest / 2);
  const tokens = await clipped(bound);
  expect(tokens.every((x) => Math.abs(x) <= bound)).toBe(true);
  expect(tokens.some((x) => Math.abs(x) > 0.9 * bound)).toBe(true);
  expect(await clipped(1e30)).toEqual(free);
});

test("the same seed draws the same tokens, whatever was drawn before", async () => {
  const first = await final({ guidance: revealed(3) });
  await final({ seed: 8, request: 2 });
  expect(await final({ guidance: revealed(3) })).toEqual(first);
  const other = await MaskedSampler.create(device, model);
  expect((await drawn({ guidance: revealed(3) }, other)).at(-1)!.tokens).toEqual(first);
  await other.close();
});

test("seeds, classes and temperatures matter", async () => {
  const all = await Promise.all(
    [{}, { seed: 8 }, { request: 2 }, { request: null }, { temperature: 0.9 }].map(final),
  );
  expect(new Set(all.map((tokens) => tokens.join())).size).toBe(all.length);
});

test("a guidance scale of 1 is the unguided path", async () => {
  const schedule = perStep([1, 1, 1, 1, 2]);
  const [guided, unguided] = [await drawn({ guidance: schedule }), await drawn()];
  const largest = (k: number) =>
    Math.max(...guided[k]!.tokens.map((x, i) => Math.abs(x - unguided[k]!.tokens[i]!)));
  expect(largest(3)).toBeLessThan(1e-4);
  expect(largest(4)).toBeGreaterThan(1e-2);
});

test("without temperature, tokens depend on the first noise alone", async () => {
  const noise = (seed: number) => (step: number, draw: number, size: number) =>
    random(draw === 0 ? 1 : seed, step, draw).normals(size);
  const cold = async (seed: number) => final({ temperature: 0, noise: noise(seed) });
  expect(await cold(3)).toEqual(await cold(2));
  expect(await final({ noise: noise(3) })).not.toEqual(await final({ noise: noise(2) }));
});

test("kept tokens stay as they are and are seen by the others; a kept nothing changes nothing", async () => {
  const tokens = random(4).normals(count * channels);
  const keep = Uint8Array.from({ length: count }, (_, cell) => (cell % 4 === 0 ? 0 : 1));
  const edited = async (kept: Float32Array) => {
    const all = await drawn({ guidance: revealed(3), kept: { tokens: kept, keep } });
    // the cells that are left are predicted by the last steps
    expect(all.length).toBeLessThan(steps);
    expect(all.flatMap(({ cells }) => [...cells]).sort((a, b) => a - b)).toEqual(
      [...keep.keys()].filter((cell) => !keep[cell]),
    );
    const last = all.at(-1)!.tokens;
    for (let cell = 0; cell < count; cell++) {
      const own = last.slice(cell * channels, (cell + 1) * channels);
      if (keep[cell]) expect(own).toEqual(kept.slice(cell * channels, (cell + 1) * channels));
    }
    return last.slice(0, channels);
  };
  const first = await edited(tokens);
  expect(await edited(tokens)).toEqual(first);
  expect(await edited(tokens.map((x) => -x))).not.toEqual(first);
  const nothing = { tokens, keep: new Uint8Array(count) };
  expect(await final({ kept: nothing })).toEqual(await final());
});

test("pictures have the tokenizer's size, and grow with the tokens", async () => {
  const sizes: string[] = [];
  const pixels: Float32Array[] = [];
  for await (const step of sampler.run(plain)) {
    const { width, height } = await step.picture();
    sizes.push(`${width}x${height}`);
    pixels.push(await step.pixels());
  }
  expect(new Set(sizes)).toEqual(new Set(["16x16"]));
  expect(pixels[0]).not.toEqual(pixels.at(-1));
  expect(Math.max(...pixels.at(-1)!.map(Math.abs))).toBeLessThanOrEqual(1);
});

test("it stops between diffusion steps when it is told to", async () => {
  const control = new AbortController();
  const noise = (_: number, draw: number, size: number) => {
    if (draw === 2) control.abort(new Error("enough"));
    return new Float32Array(size);
  };
  await expect(drawn({ signal: control.signal, noise })).rejects.toThrow("enough");
});

test("what only codes have is refused, and so are settings out of range", async () => {
  const codes = { smooth: true, given: [] };
  await expect(drawn(codes)).rejects.toThrow(ConfigError);
  await expect(drawn(codes)).rejects.toThrow(
    "sampling: expected nothing that only codes have: the tokens of this model are vectors, got smooth, given",
  );
  await expect(drawn({ temperature: -1, topP: 0 })).rejects.toThrow("top-p 0, temperature -1");
});
