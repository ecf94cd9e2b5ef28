/** How parameters start. Each parameter draws from a stream of its own, named by its path. */
import type { Random } from "../random/random.ts";

export type Initializer = (shape: readonly number[], random: Random) => Float32Array;

function count(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function filled(value: number): Initializer {
  return (shape) => new Float32Array(count(shape)).fill(value);
}

export const zero: Initializer = filled(0);
export const one: Initializer = filled(1);

/** In place: models are large, and a second copy stays in memory until it is collected. */
function changed(values: Float32Array, change: (x: number) => number): Float32Array {
  for (let i = 0; i < values.length; i++) values[i] = change(values[i]!);
  return values;
}

/** Normal with mean 0 and the given standard deviation. */
export function normal(deviation: number): Initializer {
  return (shape, random) => changed(random.normals(count(shape)), (x) => x * deviation);
}

/** Uniform in [−bound, bound). */
export function uniform(bound: number): Initializer {
  return (shape, random) => changed(random.uniforms(count(shape)), (x) => (2 * x - 1) * bound);
}

/**
 * Uniform with the variance that keeps activations level: bound = gain·√(3 / fan-in), for weights
 * [out, in, …kernel] (He et al. 2015; gain 1/√3 is PyTorch's default for linear and conv layers).
 */
export function fanIn(gain: number = 1 / Math.sqrt(3)): Initializer {
  return (shape, random) => {
    const inputs = count(shape.slice(1));
    return uniform(gain * Math.sqrt(3 / inputs))(shape, random);
  };
}

/** Uniform with bound √(6 / (fan-in + fan-out)), for matrices [out, in] (Glorot & Bengio 2010). */
export const xavier: Initializer = (shape, random) => {
  const [outputs, inputs] = shape as readonly [number, number];
  return uniform(Math.sqrt(6 / (inputs + outputs)))(shape, random);
};

/** The initializer's values times a factor. */
export function scaled(base: Initializer, factor: number): Initializer {
  return (shape, random) => changed(base(shape, random), (x) => x * factor);
}

/** The initializer's values plus a number. */
export function shifted(base: Initializer, by: number): Initializer {
  return (shape, random) => changed(base(shape, random), (x) => x + by);
}

/** Different initializers for consecutive blocks of rows, sized in proportion. */
export function stacked(...blocks: { share: number; init: Initializer }[]): Initializer {
  const total = blocks.reduce((sum, { share }) => sum + share, 0);
  return (shape, random) => {
    const whole = new Float32Array(count(shape));
    let offset = 0;
    for (const { share, init } of blocks) {
      const part = init([(shape[0]! * share) / total, ...shape.slice(1)], random);
      whole.set(part, offset);
      offset += part.length;
    }
    return whole;
  };
}
