/** Pictures to learn from, made on the spot: any batch from its number alone. */
import type { Batch } from "../../src/data/batches.ts";
import { random } from "../../src/random/random.ts";

export interface WavyOptions {
  readonly height: number;
  readonly width: number;
  readonly batchSize: number;
}

/** Batch `step`: in each colour a wave of its own. */
export function wavyBatch({ height, width, batchSize }: WavyOptions, step: number): Batch {
  const pixels = new Float32Array(batchSize * 3 * height * width);
  for (let plane = 0; plane < batchSize * 3; plane++) {
    const draws = random(step, "waves", plane);
    const [fx, fy, phase] = [draws.uniform() * 4, draws.uniform() * 4, draws.uniform() * 7];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = (fx * x) / width + (fy * y) / height + phase;
        pixels[(plane * height + y) * width + x] = Math.sin(at);
      }
    }
  }
  const all = Array.from({ length: batchSize }, () => "");
  return { step, pixels, texts: all, labels: all, indices: new Int32Array(batchSize) };
}
