/** Memory for results that the engine writes in full. */
import { bytesPerElement, type Dtype, type TypedArray, viewOf } from "../graph/dtype.ts";

/**
 * An array of whatever numbers lay in its memory, in Node: to fill a picture's growing caches with zeros
 * first took a tenth of VAR-d16's steps in int8.
 */
export function unfilled(dtype: Dtype, count: number): TypedArray {
  // in a buffer of its own: small ones from `allocUnsafe` share theirs
  const { buffer } = Buffer.allocUnsafeSlow(count * bytesPerElement(dtype));
  return viewOf(dtype, buffer);
}
