/**
 * The generator behind parity cases: weights, images and noise as a rule instead of a file.
 *
 * 32-bit FNV-1a of a text seeds mulberry32 in counter form, whose draws are uniform in [0, 1).
 */

import { elementCount } from "./tensor-data.ts";

/** How one parameter of a parity case is made. */
export interface WeightRule {
  readonly key: string;
  readonly shape: readonly number[];
  readonly scale: number;
  readonly offset: number;
}

/** (2u − 1)·scale + offset for each element, computed in float64 and rounded once; row-major. */
export function ruleWeights(seed: number, { key, shape, scale, offset }: WeightRule): Float32Array {
  const uniforms = ruleUniforms(`${seed}:${key}`, elementCount(shape));
  const values = new Float32Array(uniforms.length);
  for (let i = 0; i < values.length; i++) values[i] = (2 * uniforms[i]! - 1) * scale + offset;
  return values;
}

/** `count` uniforms in [0, 1) for a seed text such as `"1:var.head.weight"`. */
export function ruleUniforms(text: string, count: number): Float64Array {
  const seed = fnv1a32(text);
  const uniforms = new Float64Array(count);
  for (let n = 1; n <= count; n++) {
    const a = (seed + Math.imul(n, 0x6d2b79f5)) | 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= (t + Math.imul(t ^ (t >>> 7), t | 61)) | 0;
    uniforms[n - 1] = ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  }
  return uniforms;
}

/** 32-bit FNV-1a of the UTF-8 bytes of `text`. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
