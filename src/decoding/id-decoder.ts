/** Ids of whole pictures back to pixels, with a tokenizer of any kind. */
import type { Floats } from "../floats.ts";
import type { Picture } from "../images/picture.ts";
import type { Device } from "../runtime/device.ts";
import type { TokenizerOptions } from "../tokenizers/tokenizer.ts";
import { GridDecoder } from "./grid-decoder.ts";
import { ScaleDecoder } from "./scale-decoder.ts";

export interface IdDecoder {
  /** @param ids of each map, row-major. */
  decode(ids: readonly Int32Array[]): Promise<Picture>;
  close(): Promise<void>;
}

export async function openIdDecoder(
  device: Device,
  options: TokenizerOptions,
  parameters: ReadonlyMap<string, Floats>,
): Promise<IdDecoder> {
  if (options.kind === "vq") {
    const decoder = await GridDecoder.create(device, options, parameters);
    return { decode: ([ids]) => decoder.picture(ids!), close: () => decoder.close() };
  }
  const decoder = await ScaleDecoder.create(device, options, parameters);
  return {
    decode: async (ids) => {
      await decoder.start();
      for (const [k, map] of ids.entries()) await decoder.add(k, map);
      return decoder.picture();
    },
    close: () => decoder.close(),
  };
}
