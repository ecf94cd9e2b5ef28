/** How well a tokenizer stands for pictures: PSNR of the way there and back, and codes in use. */
import type { Dataset } from "../data/dataset.ts";
import { type Picture, toPixels } from "../images/picture.ts";
import { CodeCounts } from "../metrics/codebook-statistics.ts";
import { random } from "../random/random.ts";
import type { Device } from "../runtime/device.ts";
import { compile } from "../runtime/function.ts";
import { traceReconstruction } from "../tokenizers/reconstruct.ts";
import { type TokenizerOptions, tokenizerOf } from "../tokenizers/tokenizer.ts";
import { psnr } from "../training/reconstruction.ts";
import { FIXED_SEED } from "./run.ts";

export interface TokenizerMeasure {
  /** Mean over the pictures, in dB. */
  readonly psnr: number;
  /** Share of the codes that occur at all; absent where tokens are no codes. */
  readonly codebookUsage?: number;
  /** How many pictures were looked at. */
  readonly pictures: number;
}

/** More pictures change the mean by less than a tenth of a dB. */
const MOST = 512;
const BATCH = 16;

/** Measures on up to 512 pictures, not augmented, always the same ones. */
export async function measureTokenizer(
  device: Device,
  options: TokenizerOptions,
  parameters: ReadonlyMap<string, Float32Array>,
  dataset: Dataset,
): Promise<TokenizerMeasure> {
  const { codebookSize = 0, size } = tokenizerOf(options);
  const { ids, result } = traceReconstruction(options, BATCH);
  const outputs = { ...(ids && { ids }), result };
  const fn = await compile(device, "measure", outputs, { constants: parameters });
  const counts = new CodeCounts(codebookSize);
  const found: number[] = [];
  for await (const pictures of batchesOf(dataset, size.width)) {
    const pixels = new Float32Array(BATCH * pictures[0]!.data.length);
    pixels.set(toPixels(pictures));
    const results = await fn.run({ pixels });
    if (results.ids) {
      const tokens = results.ids.data.length / BATCH;
      counts.add(Array.from(results.ids.data, Number).slice(0, tokens * pictures.length));
    }
    found.push(...psnrs(pixels, results.result!.data as Float32Array, pictures.length));
  }
  await fn.release();
  return {
    psnr: found.reduce((sum, value) => sum + value, 0) / found.length,
    ...(ids && { codebookUsage: counts.statistics().usage }),
    pictures: found.length,
  };
}

/** Whole pictures in batches of at most 16. */
async function* batchesOf(dataset: Dataset, size: number): AsyncGenerator<Picture[]> {
  const order = random(FIXED_SEED, "measure").permutation(dataset.size).slice(0, MOST);
  for (let start = 0; start < order.length; start += BATCH) {
    const indices = [...order.slice(start, start + BATCH)];
    const loaded = await Promise.all(indices.map((index) => dataset.load(index, { size })));
    const whole = loaded.filter((picture) => picture !== null);
    if (whole.length > 0) yield whole;
  }
}

function psnrs(original: Float32Array, rebuilt: Float32Array, count: number): number[] {
  const each = original.length / BATCH;
  return Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let p = i * each; p < (i + 1) * each; p++) sum += (original[p]! - rebuilt[p]!) ** 2;
    // bytes cannot tell smaller errors apart
    return psnr(Math.max(sum / each, (2 / 255) ** 2 / 12));
  });
}
