/** Number formats of a transformer's matrices; everything else stays float32. */
import type { Floats } from "../floats.ts";
import { bytesOfValues } from "../graph/dtype.ts";
import type { MatrixFormat, PackedMatrices } from "../nn/matrix-format.ts";
import type { DeviceName } from "../runtime/device-names.ts";

export const weightFormats = ["fp32", "fp16", "int8", "int4"] as const;
export type WeightFormat = (typeof weightFormats)[number];

/** How a device computes with a format: only the CPU multiplies whole numbers by themselves. */
export function matrixFormat(format: WeightFormat, device: DeviceName): MatrixFormat {
  if (format === "fp32") return "float32";
  if (format === "fp16") return "float16";
  if (format === "int4") return "int4-blocks";
  return device === "cpu" ? "int8" : "int8-blocks";
}

export interface Weights {
  /** By path, without those that are packed. */
  readonly parameters: ReadonlyMap<string, Floats>;
  readonly matrices?: PackedMatrices;
}

/** Bytes of weights, wherever they lie. */
export function bytesOfWeights({ parameters, matrices }: Weights): number {
  const all = [...parameters.values(), ...(matrices?.values.values() ?? [])];
  return all.reduce((sum, data) => sum + bytesOfValues(data), 0);
}
