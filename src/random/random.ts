/**
 * Reproducible randomness. Every draw in Ordo comes from here and is fed to graphs as an input, so
 * that one seed gives one result on every device.
 */

/** A stream of draws. Streams of different seeds or names are independent. */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Standard normal (Box-Muller, cosine branch). */
  normal(): number;
  /** Uniform integer in [0, limit). */
  integer(limit: number): number;
  uniforms(count: number): Float32Array;
  normals(count: number): Float32Array;
  /** A random order of 0 … count − 1 (Fisher-Yates). */
  permutation(count: number): Int32Array;
}

/**
 * The stream of a seed and a name path: `random(7, "augment", step)`.
 *
 * xoshiro128** (Blackman & Vigna 2018), its 128-bit state hashed from the text of the arguments.
 * Nothing has to be saved to resume: name the stream by the step and it starts where it should.
 */
export function random(seed: number | string, ...path: (number | string)[]): Random {
  let [a, b, c, d] = hash128([seed, ...path].join("\u001f"));
  const bits = (): number => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return scrambled;
  };
  const uniform = () => bits() / 0x1_0000_0000;
  const normal = () => Math.sqrt(-2 * Math.log1p(-uniform())) * Math.cos(2 * Math.PI * uniform());
  const integer = (limit: number) => Math.floor(uniform() * limit);
  return {
    uniform,
    normal,
    integer,
    uniforms: (count) => Float32Array.from({ length: count }, uniformBelowOne(uniform)),
    normals: (count) => Float32Array.from({ length: count }, normal),
    permutation: (count) => {
      const order = Int32Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i--) {
        const j = integer(i + 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
}

// rounding to float32 can reach 1, which no draw may
function uniformBelowOne(uniform: () => number): () => number {
  return () => Math.min(Math.fround(uniform()), 0.99999994);
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

/** Four rounds of 32-bit FNV-1a with different offsets, each finished by murmur3's mixer. */
function hash128(text: string): [number, number, number, number] {
  const word = (offset: number): number => {
    let h = offset;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  };
  return [word(0x811c9dc5), word(0x9e3779b9), word(0x243f6a88), word(0xb7e15162) | 1];
}
