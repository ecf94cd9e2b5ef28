/** Devices of an engine, whichever build of it was loaded. */
import type { TypedArray } from "../graph/dtype.ts";
import type { Device } from "./device.ts";
import type { Engine } from "./engine.ts";
import { requireDevice } from "./handle.ts";
import { Transfers } from "./transfers.ts";

/** The CPU: values are arrays of the host. */
export function hostDevice(
  engine: Engine,
  { name, fillsArrays, threads }: Pick<Device, "name" | "fillsArrays" | "threads">,
): Device {
  return {
    name,
    engine,
    target: "cpu",
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
    close: async () => {},
  };
}

/** The GPU. @throws DeviceError if there is no adapter, with the engine's reason. */
export async function webgpuDevice(engine: Engine): Promise<Device> {
  const transfers = new Transfers(engine);
  const device: Device = {
    name: "webgpu",
    engine,
    target: "webgpu",
    fillsArrays: false,
    threads: 0,
    upload: (dtype, dims, data) => transfers.upload(dtype, dims, data),
    download: (handle) => {
      requireDevice("webgpu", handle);
      return transfers.download(handle);
    },
    close: () => transfers.close(),
  };
  // the first transfer shows whether there is an adapter at all
  const probe = await device.upload("float32", [1], Float32Array.of(0));
  probe.dispose();
  return device;
}
