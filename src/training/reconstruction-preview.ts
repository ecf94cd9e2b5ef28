/** Pictures beside what a tokenizer makes of them. */
import { fromPixels } from "../images/picture.ts";
import { compile } from "../runtime/function.ts";
import { traceReconstruction } from "../tokenizers/reconstruct.ts";
import { type TokenizerOptions, tokenizerOf } from "../tokenizers/tokenizer.ts";
import type { TrainingTask } from "./task.ts";

/** @param examples float32 [N, 3, H, W]. */
export function reconstructionPreview(
  options: TokenizerOptions,
  examples: Float32Array,
): TrainingTask["preview"] {
  const { size } = tokenizerOf(options);
  const count = examples.length / (3 * size.height * size.width);
  return async (device, parameters) => {
    const { result } = traceReconstruction(options, count);
    const fn = await compile(device, "preview", { result }, { constants: parameters });
    const rebuilt = (await fn.run({ pixels: examples })).result!.data as Float32Array;
    await fn.release();
    const after = fromPixels(rebuilt, size);
    const pictures = fromPixels(examples, size).flatMap((picture, i) => [picture, after[i]!]);
    return { pictures, columns: 8 };
  };
}
