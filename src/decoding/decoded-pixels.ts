/** Pixels as a decoder gives them. */
import { DeviceError } from "../errors.ts";
import type { HostTensor } from "../runtime/handle.ts";

/** @throws DeviceError if some are no numbers, as where float16 overflowed on the way. */
export function decodedPixels({
  pixels,
}: Readonly<Record<string, HostTensor>>): Float32Array<ArrayBuffer> {
  const data = pixels!.data as Float32Array<ArrayBuffer>;
  if (!data.some(Number.isNaN)) return data;
  throw new DeviceError({
    where: "decoding",
    expected: "pixels that are numbers",
    got: "NaN",
    hint: "Weights or activations are too large, or damaged: try --precision fp32.",
  });
}
