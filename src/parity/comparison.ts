/** Comparing a computed tensor with its reference. */
import { type TensorData, toFloat32, toInt32 } from "../checkpoints/tensor-data.ts";

export interface ParityRow {
  readonly tensor: string;
  readonly shape: readonly number[];
  /** ‖a − b‖ / ‖b‖ for floats, the share of different ids for ids. */
  readonly error: number;
  /** Largest error that counts as equal. */
  readonly tolerance: number;
  readonly passed: boolean;
}

/** Floats agree to a relative error of 1e-4 in float32 (fixtures: "What counts as parity"). */
export const FLOAT_TOLERANCE = 1e-4;

export function compareFloats(
  tensor: string,
  computed: Float32Array,
  reference: TensorData,
  tolerance: number = FLOAT_TOLERANCE,
): ParityRow {
  const wanted = toFloat32(reference);
  let difference = 0;
  let length = 0;
  for (let i = 0; i < wanted.length; i++) {
    difference += (computed[i]! - wanted[i]!) ** 2;
    length += wanted[i]! ** 2;
  }
  const same = computed.length === wanted.length;
  const error = same ? Math.sqrt(difference / Math.max(length, Number.MIN_VALUE)) : Number.NaN;
  return row(tensor, reference.shape, error, tolerance);
}

export function compareIds(
  tensor: string,
  computed: ArrayLike<number | bigint>,
  reference: TensorData,
): ParityRow {
  const wanted = toInt32(reference, tensor);
  const different = wanted.filter((id, i) => Number(computed[i]) !== id).length;
  const same = computed.length === wanted.length;
  return row(tensor, reference.shape, same ? different / wanted.length : Number.NaN, 0);
}

function row(
  tensor: string,
  shape: readonly number[],
  error: number,
  tolerance: number,
): ParityRow {
  // NaN passes nothing
  return { tensor, shape, error, tolerance, passed: error <= tolerance };
}
