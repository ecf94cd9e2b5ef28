/** What is known of a written ONNX node without the engine: its operator, values and origin. */
import type { Shape } from "../dim.ts";
import type { Dtype } from "../dtype.ts";
import type { NodeOptions, OnnxAttribute } from "../emitter.ts";
import type { Node } from "../node.ts";

export interface ValueRecord {
  readonly name: string;
  readonly dtype: Dtype;
  /** Absent for values inside an op that is written as several nodes. */
  readonly shape?: Shape;
}

export interface NodeRecord {
  /** As in the file, and in the engine's messages and profiles. */
  readonly name: string;
  /** `MatMul`, or `ms.MatMulNBits` for the engine's own operators. */
  readonly type: string;
  /** Optional inputs that are left out are left out here too. */
  readonly inputs: readonly ValueRecord[];
  readonly outputs: readonly ValueRecord[];
  /** The node of the traced graph that wrote it. */
  readonly source?: Node;
}

/** Element types of the outputs that are not those of the first input, by operator. */
const outputDtypes: Readonly<Record<string, readonly Dtype[]>> = {
  Less: ["bool"],
  LessOrEqual: ["bool"],
  Equal: ["bool"],
  ArgMax: ["int64"],
  DynamicQuantizeLinear: ["uint8", "float32", "uint8"],
  MatMulInteger: ["int32"],
};

const byOnnxCode: ReadonlyMap<number, Dtype> = new Map([
  [1, "float32"],
  [2, "uint8"],
  [3, "int8"],
  [6, "int32"],
  [7, "int64"],
  [9, "bool"],
  [10, "float16"],
]);

/** The element types of values as a file is written, node by node in the order of the file. */
export class ValueRecords {
  readonly #values = new Map<string, ValueRecord>();

  get(name: string): ValueRecord | undefined {
    return this.#values.get(name);
  }

  add(value: ValueRecord): void {
    this.#values.set(value.name, value);
  }

  /** Records a node; outputs that were not added before get the element type of their operator. */
  record(
    name: string,
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    options: NodeOptions | undefined,
    source: Node | undefined,
  ): NodeRecord {
    const known = inputs.flatMap((input) => this.#values.get(input) ?? []);
    const fallback = known[type === "Where" ? 1 : 0]?.dtype ?? "float32";
    const made = outputs.flatMap((output, i) => {
      if (output === "") return [];
      const before = this.#values.get(output);
      const value = before ?? {
        name: output,
        dtype: dtypeOf(type, i, options?.attributes) ?? fallback,
      };
      this.#values.set(output, value);
      return [value];
    });
    return {
      name,
      type: options?.domain ? `ms.${type}` : type,
      inputs: known,
      outputs: made,
      ...(source && { source }),
    };
  }
}

function dtypeOf(
  type: string,
  output: number,
  attributes: Readonly<Record<string, OnnxAttribute>> | undefined,
): Dtype | undefined {
  if (type === "TopK" && output === 1) return "int64";
  const to = attributes?.to;
  if (type === "Cast" && to && "int" in to) return byOnnxCode.get(to.int);
  return outputDtypes[type]?.[output];
}
