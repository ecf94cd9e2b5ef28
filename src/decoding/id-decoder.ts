/** Ids of whole pictures back to pixels, with a tokenizer of any kind. */
import { ConfigError } from "../errors.ts";
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

/** @throws ConfigError if the tokens are no codes. */
export async function openIdDecoder(
  device: Device,
  options: TokenizerOptions,
  parameters: ReadonlyMap<string, Floats>,
): Promise<IdDecoder> {
  if (options.kind === "kl") {
    const [where, expected] = ["ids", "a tokenizer whose tokens are codes"];
    throw new ConfigError({ where, expected, got: "one whose tokens are vectors" });
  }
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
