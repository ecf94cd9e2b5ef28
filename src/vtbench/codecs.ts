/** The codecs of a run: anchors, JPEG and WebP, tokenizers, and their equals in bits. */
import { bicubic, identity } from "./anchors.ts";
import type { PictureCodec } from "./codec.ts";
import { type BitBudget, lossy, lossyAtBits } from "./lossy.ts";

export interface BenchTokenizer {
  readonly codec: PictureCodec;
  /** Null where its tokens are no codes: nothing can be given equal bits. */
  readonly budget: BitBudget | null;
}

export function benchCodecs(tokenizers: readonly BenchTokenizer[]): PictureCodec[] {
  return [
    identity,
    bicubic(2),
    bicubic(4),
    bicubic(8),
    lossy("jpeg", 25),
    lossy("jpeg", 75),
    lossy("webp", 50),
    ...tokenizers.flatMap(({ codec, budget }) => [
      codec,
      ...(budget ? [lossyAtBits("jpeg", budget), lossyAtBits("webp", budget)] : []),
    ]),
  ];
}
