/** Devices of an engine, whichever build of it was loaded. */
import type { TypedArray } from "../graph/dtype.ts";
import type { Device } from "./device.ts";
import type { Engine } from "./engine.ts";
import { requireDevice } from "./handle.ts";
import { webgpuLimits } from "./limits.ts";
import { Transfers } from "./transfers.ts";

type HostFacts = Pick<Device, "name" | "fillsArrays" | "threads"> & Partial<Pick<Device, "target">>;

/** The CPU, or another device that takes and gives arrays of the host. */
export function hostDevice(
  engine: Engine,
  { name, fillsArrays, threads, target = "cpu" }: HostFacts,
): Device {
  return {
    name,
    engine,
    target,
    precision: "fp32",
    fillsArrays,
    threads,
    upload: async (dtype, dims, data) => ({
      device: name,
      dtype,
      dims,
      tensor: new engine.Tensor(dtype as "float32", data as Float32Array, dims),
      dispose: () => {},
    }),
    download: async (handle) => {
      requireDevice(name, handle);
      return { data: handle.tensor.data as TypedArray, dims: handle.dims };
    },
    settle: async () => {},
    close: async () => {},
  };
}

/** The GPU. @throws DeviceError if there is no adapter, with the engine's reason. */
export async function webgpuDevice(engine: Engine): Promise<Device> {
  const transfers = new Transfers(engine);
  // the first transfer shows whether there is an adapter at all
  const mark = await transfers.upload("float32", [1], Float32Array.of(0));
  return {
    name: "webgpu",
    engine,
    target: "webgpu",
    precision: "fp32",
    fillsArrays: false,
    threads: 0,
    limits: webgpuLimits(engine),
    upload: (dtype, dims, data) => transfers.upload(dtype, dims, data),
    download: (handle) => {
      requireDevice("webgpu", handle);
      return transfers.download(handle);
    },
    // work is done in the order in which it was given
    settle: async () => {
      await transfers.download(mark);
    },
    close: async () => {
      mark.dispose();
      await transfers.close();
    },
  };
}
