/** Runs a traced graph on a case's weights and compares every result with the tensor of its name. */
import type { TensorMap } from "../checkpoints/tensor-data.ts";
import type { Tensor } from "../graph/node.ts";
import type { Device } from "../runtime/device.ts";
import { compile, type Feed } from "../runtime/function.ts";
import { compareFloats, compareIds, type ParityRow } from "./comparison.ts";

export interface ComparedGraph {
  /** Named as in the case. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly feeds: Readonly<Record<string, Feed>>;
}

/** Whole numbers have to be equal; floats agree within the tolerance of parity. */
export async function compareGraph(
  device: Device,
  { outputs, feeds }: ComparedGraph,
  constants: ReadonlyMap<string, Float32Array>,
  reference: TensorMap,
): Promise<ParityRow[]> {
  const fn = await compile(device, "parity", outputs, { constants });
  const results = await fn.run(feeds).finally(() => fn.release());
  return Object.entries(results).map(([name, { data }]) =>
    data instanceof Float32Array
      ? compareFloats(name, data, reference.get(name)!)
      : compareIds(name, data, reference.get(name)!),
  );
}
