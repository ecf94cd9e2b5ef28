/**
 * Copies between the host and the GPU. Node's binding cannot read a GPU tensor (getData aborts the
 * process), so both ways go through a session that does nothing (ENGINE 1).
 */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { namedDim } from "../graph/dim.ts";
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import { writeModel } from "../graph/onnx/writer.ts";
import { input } from "../graph/ops/source.ts";
import type { Engine } from "./engine.ts";
import type { Handle, HostTensor } from "./handle.ts";
import { createSession } from "./session.ts";

/** Wraps a tensor that the engine left in GPU memory. */
export function gpuHandle(dtype: Dtype, tensor: OrtTensor): Handle {
  return { device: "webgpu", dtype, dims: tensor.dims, tensor, dispose: () => tensor.dispose() };
}

export class Transfers {
  readonly #engine: Engine;
  readonly #sessions = new Map<string, Promise<InferenceSession>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async upload(dtype: Dtype, dims: readonly number[], data: TypedArray): Promise<Handle> {
    const x = new this.#engine.Tensor(dtype as "float32", data as Float32Array, dims);
    return gpuHandle(dtype, await this.#copy(dtype, dims.length, x, true));
  }

  async download({ dtype, dims, tensor }: Handle): Promise<HostTensor> {
    const y = await this.#copy(dtype, dims.length, tensor, false);
    return { data: y.data as TypedArray, dims: y.dims };
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }

  async #copy(dtype: Dtype, rank: number, x: OrtTensor, toDevice: boolean): Promise<OrtTensor> {
    const key = `${dtype} ${rank} ${toDevice}`;
    const session = this.#sessions.get(key) ?? identity(this.#engine, dtype, rank, toDevice);
    this.#sessions.set(key, session);
    return (await (await session).run({ x })).y!;
  }
}

async function identity(
  engine: Engine,
  dtype: Dtype,
  rank: number,
  toDevice: boolean,
): Promise<InferenceSession> {
  const shape = Array.from({ length: rank }, (_, i) => namedDim(`n${i}`));
  const x = input("x", dtype, shape);
  // an output that is an input is written as Identity
  const { bytes } = writeModel({ name: "copy", outputs: new Map([["y", x]]), target: "webgpu" });
  const onDevice = new Set(toDevice ? ["y"] : []);
  return createSession(engine, "webgpu", bytes, ["y"], { onDevice });
}
