/**
 * Mixed precision as a graph is written: products in float16, and what stands between two of them too;
 * everything that sums, divides or exponentiates in float32. Ops, gradients and systems know nothing of
 * it: they write float32, and what is narrow becomes wide where it is read so.
 */
import { toFloat16Bits } from "../../half.ts";
import { type Dtype, onnxCode, type TypedArray } from "../dtype.ts";
import type { Emitter, NodeOptions, Target } from "../emitter.ts";

/** What a graph is written to, and what it knows of the values so far. */
export interface NarrowingTarget extends Emitter {
  dtypeOf(value: string): Dtype | undefined;
  /** Says that a value is the float16 form of another. */
  declareNarrow(name: string, wide: string): void;
}

/** With `ms.` for the engine's own. */
const products: ReadonlySet<string> = new Set(
  "MatMul Gemm Conv ConvTranspose ms.FusedMatMul".split(" "),
);

/** Those that round a result at most once: narrow values stay narrow in them. */
const followers: ReadonlySet<string> = new Set(
  (
    "Add Sub Mul Neg Abs Max Min Relu Sigmoid Tanh ms.FastGelu ms.Gelu ms.QuickGelu Where Identity " +
    "Transpose Reshape Squeeze Unsqueeze Expand Concat Split Slice Pad Gather GatherElements " +
    "ScatterND DepthToSpace MaxPool"
  ).split(" "),
);

const LARGEST_FLOAT16 = 65504;

interface HostConstant {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export class NarrowingEmitter implements Emitter {
  readonly target: Target;
  readonly unpacked: boolean;
  readonly #to: NarrowingTarget;
  /** The float16 form of a float32 value, by name. */
  readonly #narrow = new Map<string, string>();
  /** Values that were computed in float16. */
  readonly #born = new Set<string>();
  /** Those of them that have no float32 form yet. */
  readonly #unwidened = new Set<string>();
  readonly #constants = new Map<string, HostConstant>();
  readonly #unfit = new Map<string, boolean>();

  constructor(to: NarrowingTarget) {
    this.#to = to;
    this.target = to.target;
    this.unpacked = to.unpacked;
  }

  temporary(): string {
    return this.#to.temporary();
  }

  ints(values: readonly number[]): string {
    return this.#to.ints(values);
  }

  scalar(value: number): string {
    return this.constant("float32", [], Float32Array.of(value));
  }

  constant(dtype: Dtype, shape: readonly number[], data: TypedArray): string {
    const name = this.#to.constant(dtype, shape, data);
    if (data instanceof Float32Array) this.#constants.set(name, { shape, data });
    return name;
  }

  node(type: string, inputs: readonly string[], output?: string, options?: NodeOptions): string {
    const name = output ?? this.temporary();
    this.nodes(type, inputs, [name], options);
    return name;
  }

  nodes(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    options?: NodeOptions,
  ): void {
    if (type === "Cast" && this.#casts(inputs[0]!, outputs[0]!, options)) return;
    if (!this.#isNarrow(options?.domain ? `ms.${type}` : type, inputs, options)) {
      const wide = inputs.map((input) => this.widened(input));
      this.#to.nodes(type, wide, outputs, options);
      return;
    }
    const narrow = inputs.map((input) => (this.#isFloat(input) ? this.#narrowed(input) : input));
    const halves = outputs.map((output) => output && this.#half(output));
    this.#to.nodes(type, narrow, halves, options);
  }

  /** The float32 form of a value: it is written now, if there is none yet. */
  widened(value: string): string {
    if (this.#unwidened.delete(value)) this.#cast(this.#narrow.get(value)!, value, "float32");
    return value;
  }

  #isNarrow(type: string, inputs: readonly string[], options: NodeOptions | undefined): boolean {
    if (options?.exact) return false;
    const floats = inputs.filter((input) => this.#isFloat(input));
    if (products.has(type)) return floats.every((input) => this.#fits(input));
    if (!followers.has(type) || !floats.some((input) => this.#born.has(input))) return false;
    // a wide operand, such as the residual stream, makes a wide result
    return floats.every(
      (input) => this.#born.has(input) || (this.#constants.has(input) && this.#fits(input)),
    );
  }

  #isFloat(value: string): boolean {
    return this.#born.has(value) || this.#to.dtypeOf(value) === "float32";
  }

  /** Whether float16 can hold a value; of those that only a run tells it is assumed. */
  #fits(value: string): boolean {
    const constant = this.#constants.get(value);
    if (!constant) return true;
    const unfit =
      this.#unfit.get(value) ??
      constant.data.some((x) => Number.isFinite(x) && Math.abs(x) > LARGEST_FLOAT16);
    this.#unfit.set(value, unfit);
    return !unfit;
  }

  #narrowed(value: string): string {
    const known = this.#narrow.get(value);
    if (known !== undefined) return known;
    const constant = this.#constants.get(value);
    const name = constant
      ? this.#to.constant("float16", constant.shape, toFloat16Bits(constant.data))
      : this.#to.temporary();
    if (!constant) {
      this.#to.declareNarrow(name, value);
      this.#cast(value, name, "float16");
    }
    this.#narrow.set(value, name);
    return name;
  }

  /** A name for the float16 form of a value that is computed now. */
  #half(value: string): string {
    const name = this.#to.temporary();
    this.#to.declareNarrow(name, value);
    this.#bear(value, name);
    return name;
  }

  #bear(value: string, narrow: string): void {
    this.#narrow.set(value, narrow);
    this.#born.add(value);
    this.#unwidened.add(value);
  }

  /** Changes between the two formats that the graph asks for itself, such as those of a cache. */
  #casts(from: string, to: string, options: NodeOptions | undefined): boolean {
    const type = options?.attributes?.to;
    if (!type || !("int" in type)) return false;
    if (type.int === onnxCode("float32") && this.#to.dtypeOf(from) === "float16") {
      this.#bear(to, from);
      return true;
    }
    if (type.int !== onnxCode("float16") || !this.#narrow.has(from)) return false;
    this.#to.nodes("Identity", [this.#narrow.get(from)!], [to]);
    return true;
  }

  #cast(from: string, to: string, dtype: Dtype): void {
    this.#to.nodes("Cast", [from], [to], { attributes: { to: { int: onnxCode(dtype) } } });
  }
}
