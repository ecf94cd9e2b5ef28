/** Which parameters weight decay leaves alone. */

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Whether weight decay applies: not to vectors and scalars, nor to names that end in `bias`, nor to names
 * that contain one of the system's `exempt` parts (tables and gains that are stored with more axes).
 */
export function hasWeightDecay({ name, shape }: NamedShape, exempt: readonly string[]): boolean {
  if (shape.length <= 1 || /bias$/i.test(name)) return false;
  return !exempt.some((part) => name.includes(part));
}

/** The two groups of an optimiser, each in the order given. */
export function splitByDecay<T extends NamedShape>(
  parameters: readonly T[],
  exempt: readonly string[],
): { decayed: T[]; exempted: T[] } {
  return {
    decayed: parameters.filter((parameter) => hasWeightDecay(parameter, exempt)),
    exempted: parameters.filter((parameter) => !hasWeightDecay(parameter, exempt)),
  };
}
