/** Conversions between float32 and the 16-bit formats of checkpoints, bit by bit. */

const INFINITY_32 = 0x7f800000;
/** 65520, the first float32 that rounds to infinity in float16. */
const FLOAT16_OVERFLOW = 0x477ff000;
/** 2^-14, the smallest normal float16. */
const FLOAT16_NORMAL = 0x38800000;
/** 2^-25, half of the smallest subnormal float16: it ties to zero. */
const FLOAT16_ZERO = 0x33000000;

/** float32 to float16 bits, rounded to nearest, ties to even; past 65504 becomes infinity. */
export function toFloat16Bits(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const half = new Uint16Array(values.length);
  for (let i = 0; i < half.length; i++) half[i] = roundToHalf(bits[i]!);
  return half;
}

function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > INFINITY_32) return sign | 0x7e00;
  if (size >= FLOAT16_OVERFLOW) return sign | 0x7c00;
  if (size >= FLOAT16_NORMAL) {
    // just under half a unit, plus one where the kept part is odd: a carry into the exponent is right
    const rounded = size + 0xfff + ((size >>> 13) & 1);
    return sign | ((rounded - 0x38000000) >>> 13);
  }
  if (size <= FLOAT16_ZERO) return sign;
  const shift = 126 - (size >>> 23);
  const mantissa = (size & 0x7fffff) | 0x800000;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return sign | (kept + (rest > tie || (rest === tie && kept & 1) ? 1 : 0));
}

/** float16 bits to float32; exact. */
export function fromFloat16Bits(half: Uint16Array): Float32Array {
  const values = new Float32Array(half.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < half.length; i++) {
    const h = half[i]!;
    const sign = (h & 0x8000) << 16;
    const size = h & 0x7fff;
    if (size >= 0x7c00) bits[i] = sign | INFINITY_32 | ((size & 0x3ff) << 13);
    else if (size >= 0x400) bits[i] = sign | ((size << 13) + 0x38000000);
    else values[i] = (sign ? -size : size) * 2 ** -24;
  }
  return values;
}

/** bfloat16 bits to float32; exact. */
export function fromBfloat16Bits(upper: Uint16Array): Float32Array {
  const bits = new Uint32Array(upper.length);
  for (let i = 0; i < upper.length; i++) bits[i] = upper[i]! << 16;
  return new Float32Array(bits.buffer);
}
