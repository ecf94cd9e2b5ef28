/** What a graph needs and a device does not have, known before anything is compiled. */
import type { Dtype } from "../dtype.ts";
import { bytesPerElement } from "../dtype.ts";
import type { Target } from "../emitter.ts";
import type { Node } from "../node.ts";
import type { NodeRecord, ValueRecord } from "../onnx/node-record.ts";
import { type InputAttributes, parameterOp } from "../ops/source.ts";
import { isProduct, webgpuOperators } from "./operators.ts";

export interface Gap {
  /** The node, as the engine names it too. */
  readonly node: string;
  /** Its operator. */
  readonly type: string;
  /** The layer that it belongs to: the path of the nearest parameter before it; "" before all. */
  readonly layer: string;
  /** What is missing: `products of int8`, `Cast from int64`. */
  readonly missing: string;
  readonly remedy: string;
  /** Whether it is a product or a convolution. */
  readonly heavy: boolean;
}

/** The nodes that a device would leave to the CPU. */
export function gapsOf(nodes: readonly NodeRecord[], target: Target): Gap[] {
  if (target !== "webgpu") return [];
  return nodes.flatMap((record): Gap[] => {
    const refused = refusedDtype(record);
    if (refused === undefined) return [];
    const { name, type } = record;
    const bare = type.replace(/^ms\./, "");
    return [
      {
        node: name,
        type,
        layer: layerOf(record),
        missing: refused === null ? `the operator ${bare}` : `${bare} of ${refused}`,
        remedy: remedyFor(type, refused),
        heavy: isProduct(type),
      },
    ];
  });
}

/** The element type that the operator does not take; null if it takes none at all. */
function refusedDtype({ type, inputs }: NodeRecord): Dtype | null | undefined {
  const rule = webgpuOperators.get(type);
  if (!rule) return null;
  return inputs.find(
    ({ dtype }, i) =>
      !rule.data.includes(dtype) &&
      !(rule.positions?.includes(i) && (dtype === "int64" || dtype === "int32")),
  )?.dtype;
}

function remedyFor(type: string, dtype: Dtype | null): string {
  if (/Integer|Quantize/.test(type)) return "Use --weights fp32, fp16 or int4, or --device cpu.";
  if (dtype === "int64") return "Keep positions in int32 or float32.";
  if (dtype) return `Cast from ${dtype} first.`;
  return "Use --device cpu, or write the op with other operators for this target.";
}

export interface LargeValue {
  readonly value: ValueRecord;
  readonly bytes: number;
  /** The node that makes or reads it. */
  readonly node: string;
  readonly layer: string;
}

/** Values of known size that take more than `bytes`, the largest first, each once. */
export function valuesAbove(nodes: readonly NodeRecord[], bytes: number): LargeValue[] {
  const found = new Map<string, LargeValue>();
  for (const record of nodes) {
    for (const value of [...record.outputs, ...record.inputs]) {
      const size = bytesOfValue(value);
      if (size <= bytes || found.has(value.name)) continue;
      const layer = layerOf(record);
      found.set(value.name, { value, bytes: size, node: record.name, layer });
    }
  }
  return [...found.values()].sort((a, b) => b.bytes - a.bytes);
}

/** 0 for values whose size is only known in a run. */
function bytesOfValue({ dtype, shape }: ValueRecord): number {
  let count = 1;
  for (const dim of shape ?? [0]) {
    if (typeof dim !== "number") return 0;
    count *= dim;
  }
  return count * bytesPerElement(dtype);
}

/** `blocks.3.attention.qkv`: where the nearest parameter upstream belongs. */
function layerOf({ source }: NodeRecord): string {
  if (!source) return "";
  const seen = new Set<Node>([source]);
  // breadth first: the set grows while it is walked
  for (const node of seen) {
    if ((node.op as unknown) === parameterOp) {
      const { name } = node.attributes as InputAttributes;
      return name.split(".").slice(0, -1).join(".") || name;
    }
    for (const input of node.inputs) seen.add(input.node);
  }
  return "";
}
