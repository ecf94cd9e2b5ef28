/**
 * The contract of every order: which tokens each step predicts, from which inputs, seeing what.
 *
 * An order is data and one pure rule; it knows no network. Positions are numbered by turn, so that a
 * step is always a range: an order that jumps about in the picture says so in `cells`.
 *
 * Axes: L positions · K steps.
 */

/**
 * What the network reads at the positions of a step, known before the step begins:
 * - `start`: the start token made from the condition;
 * - `reconstruction`: the image rebuilt from all earlier maps, area-pooled to the step's size;
 * - `previous-map`: the map of the step before, enlarged to the step's size;
 * - `previous-token`: the token of the step before;
 * - `mask-vector`: a learned vector that says nothing but that the token is not known yet.
 */
export type StepInput =
  | "start"
  | "reconstruction"
  | "previous-map"
  | "previous-token"
  | "mask-vector";

/** The positions start … start + count − 1, predicted together. */
export interface Step {
  readonly start: number;
  readonly count: number;
  readonly input: StepInput;
}

export interface Order {
  /** The order and its options, for reports: `next-scale (block-causal)`. */
  readonly name: string;
  readonly steps: readonly Step[];
  /** L, the positions of all steps. */
  readonly tokenCount: number;
  /** Whether position `query` may attend to position `key`. */
  visible(query: number, key: number): boolean;
  /**
   * `mask-vectors`: positions of later steps are in the network as well, as vectors that hold nothing
   * but their place, so that seeing them is not seeing the future. By default they are absent.
   */
  readonly hiddenPositions?: "mask-vectors";
  /** Which cell of the layout each position is [L]; absent where position i is cell i. */
  readonly cells?: Int32Array;
}

/** The step that predicts each position, Int32Array [L]: the level of a token, in VAR's words. */
export function levels(order: Order): Int32Array {
  const result = new Int32Array(order.tokenCount);
  for (const [k, { start, count }] of order.steps.entries()) result.fill(k, start, start + count);
  return result;
}
