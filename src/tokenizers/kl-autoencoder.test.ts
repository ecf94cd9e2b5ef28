import { expect, test } from "vitest";
import { tinyKl, tinyMasked } from "../../test/decoding/tiny-masked.ts";
import { largestError } from "../../test/ops/run-case.ts";
import { input } from "../graph/ops/source.ts";
import { Scope } from "../nn/layer.ts";
import { random } from "../random/random.ts";
import { openDevice } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import {
  drawLatent,
  klAutoencoder,
  klPictureSize,
  latentOf,
  tokenSizes,
  tokensOf,
} from "./kl-autoencoder.ts";

const device = await openDevice("cpu", { threads: 1 });

test("tokens are squares of scaled cells, numbered by channel, row and column, and lead back", async () => {
  const latent = input("latent", "float32", [1, 2, 8, 8]);
  const tokens = tokensOf(latent, tinyKl);
  const fn = await compile(device, "tokens", { tokens, back: latentOf(tokens, tinyKl) });
  const values = Float32Array.from({ length: 128 }, (_, i) => i);
  const results = await fn.run({ latent: values });
  await fn.release();
  expect(tokenSizes(tinyKl)).toMatchObject({ count: 16, channels: 8 });
  expect(results.tokens!.dims).toEqual([1, 16, 8]);
  // cell 5 is the second of the second row: rows 2 and 3, columns 2 and 3
  const fifth = (results.tokens!.data as Float32Array).slice(40, 48);
  expect([...fifth].map((x) => x / tinyKl.latentScale)).toEqual([18, 19, 26, 27, 82, 83, 90, 91]);
  expect(results.back!.data).toEqual(values);
});

test("a latent is its mean without noise, and as wide as the encoder says with it", async () => {
  const scope = new Scope();
  const { height, width } = klPictureSize(tinyKl);
  const { moments, pixels } = klAutoencoder(tinyKl).bind(scope.child("tokenizer"));
  const picture = input("picture", "float32", [1, 3, height, width]);
  const { mean, logVariance } = moments(picture);
  const drawn = drawLatent({ mean, logVariance }, input("noise", "float32", [1, 2, 8, 8]));
  const outputs = { mean, logVariance, drawn, pixels: pixels(drawn) };
  const fn = await compile(device, "kl", outputs, { constants: tinyMasked().parameters });
  const shown = random(1).normals(3 * height * width);
  const still = await fn.run({ picture: shown, noise: new Float32Array(128) });
  expect(still.drawn!.data).toEqual(still.mean!.data);
  expect(still.pixels!.dims).toEqual([1, 3, height, width]);
  const ones = await fn.run({ picture: shown, noise: new Float32Array(128).fill(1) });
  await fn.release();
  const wanted = (still.mean!.data as Float32Array).map(
    (x, i) => x + Math.exp((still.logVariance!.data[i] as number) / 2),
  );
  expect(largestError(ones.drawn!.data as Float32Array, wanted)).toBeLessThan(1e-5);
});
