/** What an op sees of the graph file while it writes itself. */
import type { Dtype, TypedArray } from "./dtype.ts";

/** `portable` writes only operators of the ONNX standard; the others may use the engine's own. */
export type Target = "cpu" | "webgpu" | "portable";

/** The type is said, never guessed: 1 may be meant as an integer or as a float. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly text: string };

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  /** `com.microsoft` for the engine's own operators. */
  readonly domain?: string;
  /** In float32 whatever the graph's precision. */
  readonly exact?: boolean;
}

export interface Emitter {
  readonly target: Target;
  /**
   * Weights are not packed beforehand: the kernel packs the right operand of a product in every run,
   * which had better be the smaller one (ENGINE 3).
   */
  readonly unpacked: boolean;
  /** Writes a node with one output and returns the output's name: `output`, or a new one. */
  node(type: string, inputs: readonly string[], output?: string, options?: NodeOptions): string;
  /** Writes a node with several outputs. An empty name leaves an optional output out. */
  nodes(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    options?: NodeOptions,
  ): void;
  /** A name nobody else uses. */
  temporary(): string;
  constant(dtype: Dtype, shape: readonly number[], data: TypedArray): string;
  /** A float32 scalar. */
  scalar(value: number): string;
  /** An int64 vector: axes, shapes and the like. */
  ints(values: readonly number[]): string;
}
