/**
 * The tokenizer's side of next-token decoding: the tokens drawn so far as pixels. Cells without a
 * token have the code 0, which is none of the codebook's.
 *
 * Axes: H, W grid cells
 */
import type { Floats } from "../floats.ts";
import type { Tensor } from "../graph/node.ts";
import { multiply } from "../graph/ops/arithmetic.ts";
import { input } from "../graph/ops/source.ts";
import { fromPixels, type Picture } from "../images/picture.ts";
import { Scope } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";
import { clampPixels } from "../tokenizers/reconstruct.ts";
import { type VqTokenizerOptions, vqPictureSize, vqTokenizer } from "../tokenizers/vq-tokenizer.ts";
import { decodedPixels } from "./decoded-pixels.ts";

export class GridDecoder {
  readonly #options: VqTokenizerOptions;
  readonly #decode: CompiledFunction;

  private constructor(options: VqTokenizerOptions, decode: CompiledFunction) {
    this.#options = options;
    this.#decode = decode;
  }

  static async create(
    device: Device,
    options: VqTokenizerOptions,
    constants: ReadonlyMap<string, Floats>,
    profile?: string,
  ): Promise<GridDecoder> {
    const decode = await compile(device, "decode", traceGridPixels(options), {
      constants,
      mayNarrow: true,
      ownThread: true,
      ...(profile && { profile: `${profile}-decode` }),
    });
    return new GridDecoder(options, decode);
  }

  /** The first tokens of the grid as pixels, float32 [3, H·f, W·f] in [−1, 1]. */
  async pixels(tokens: Int32Array): Promise<Float32Array> {
    const { height, width } = this.#options.grid;
    const ids = new Int32Array(height * width);
    ids.set(tokens);
    const known = new Float32Array(height * width).fill(1, 0, tokens.length);
    return decodedPixels(await this.#decode.run({ ids, known }));
  }

  async picture(tokens: Int32Array): Promise<Picture> {
    return fromPixels(await this.pixels(tokens), vqPictureSize(this.#options))[0]!;
  }

  endProfiling(): void {
    this.#decode.endProfiling();
  }

  async close(): Promise<void> {
    await this.#decode.release();
  }
}

/** ids int32 [1, H, W] and which of them are known, [1, 1, H, W] → pixels. */
export function traceGridPixels(options: VqTokenizerOptions): { readonly pixels: Tensor } {
  const { height, width } = options.grid;
  const { quantizer, pixels } = vqTokenizer(options).bind(new Scope().child("tokenizer"));
  const codes = quantizer.codes(input("ids", "int32", [1, height, width]));
  const known = input("known", "float32", [1, 1, height, width]);
  return { pixels: clampPixels(pixels(multiply(codes, known))) };
}
