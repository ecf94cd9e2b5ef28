/** The tokenizer's side of masked decoding: tokens that are vectors, as pixels. */
import type { Floats } from "../floats.ts";
import type { Tensor } from "../graph/node.ts";
import { reshape } from "../graph/ops/layout.ts";
import { input } from "../graph/ops/source.ts";
import { fromPixels, type Picture } from "../images/picture.ts";
import { Scope } from "../nn/layer.ts";
import type { Device } from "../runtime/device.ts";
import { type CompiledFunction, compile } from "../runtime/function.ts";
import type { DeviceState } from "../runtime/handle.ts";
import {
  type KlAutoencoderOptions,
  klAutoencoder,
  klPictureSize,
  latentOf,
  tokenSizes,
} from "../tokenizers/kl-autoencoder.ts";
import { clampPixels } from "../tokenizers/reconstruct.ts";
import { decodedPixels } from "./decoded-pixels.ts";

export class LatentDecoder {
  readonly #options: KlAutoencoderOptions;
  readonly #decode: CompiledFunction;

  private constructor(options: KlAutoencoderOptions, decode: CompiledFunction) {
    this.#options = options;
    this.#decode = decode;
  }

  static async create(
    device: Device,
    options: KlAutoencoderOptions,
    constants: ReadonlyMap<string, Floats>,
    profile?: string,
  ): Promise<LatentDecoder> {
    const decode = await compile(device, "decode", traceLatentPixels(options), {
      constants,
      mayNarrow: true,
      ownThread: true,
      ...(profile && { profile: `${profile}-decode` }),
    });
    return new LatentDecoder(options, decode);
  }

  /** The state's `tokens` [L, C] as pixels, float32 [3, H, W] in [−1, 1]; unknown ones are 0. */
  async pixels(state: DeviceState): Promise<Float32Array> {
    return decodedPixels(await this.#decode.run({}, state));
  }

  async picture(state: DeviceState): Promise<Picture> {
    return fromPixels(await this.pixels(state), klPictureSize(this.#options))[0]!;
  }

  endProfiling(): void {
    this.#decode.endProfiling();
  }

  async close(): Promise<void> {
    await this.#decode.release();
  }
}

/** `tokens` [L, C] → pixels [1, 3, H, W], clamped. */
export function traceLatentPixels(options: KlAutoencoderOptions): { readonly pixels: Tensor } {
  const { count, channels } = tokenSizes(options);
  const { pixels } = klAutoencoder(options).bind(new Scope().child("tokenizer"));
  const tokens = reshape(input("tokens", "float32", [count, channels]), [1, count, channels]);
  return { pixels: clampPixels(pixels(latentOf(tokens, options))) };
}
