/** Where graphs run. A device is opened once and passed to whatever compiles functions. */
import { DeviceError } from "../errors.ts";
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import type { Target } from "../graph/emitter.ts";
import { loadEngine } from "./engine.ts";
import type { DeviceName, Handle, HostTensor } from "./handle.ts";
import { stopOutputWorks } from "./stop-output.ts";
import { Transfers } from "./transfers.ts";

export interface Device {
  readonly name: DeviceName;
  /** The form in which ops are written for this device. */
  readonly target: Target;
  /** Whether results can be written into given arrays without a copy. */
  readonly fillsArrays: boolean;
  /** CPU threads a function may use; 0 means one per core. */
  readonly threads: number;
  /** Makes a value of the device. On the CPU the array itself is used, not a copy. */
  upload(dtype: Dtype, dims: readonly number[], data: TypedArray): Promise<Handle>;
  download(handle: Handle): Promise<HostTensor>;
  close(): Promise<void>;
}

export interface DeviceOptions {
  readonly threads?: number;
}

/**
 * Opens a device by name.
 *
 * @throws DeviceError if the device is not there, with the engine's reason.
 */
export async function openDevice(name: string, options: DeviceOptions = {}): Promise<Device> {
  if (name === "cpu") return openCpu(options);
  if (name === "webgpu") return openWebgpu();
  throw new DeviceError({
    where: "--device",
    expected: "cpu or webgpu",
    got: name,
    hint: "`ordo doctor` shows the devices of this machine.",
  });
}

async function openCpu({ threads = 0 }: DeviceOptions): Promise<Device> {
  const { Tensor } = await loadEngine();
  return {
    name: "cpu",
    target: "cpu",
    fillsArrays: await stopOutputWorks(),
    threads,
    upload: async (dtype, dims, data) => ({
      device: "cpu",
      dtype,
      dims,
      tensor: new Tensor(dtype as "float32", data as Float32Array, dims),
      dispose: () => {},
    }),
    download: async (handle) => {
      requireDevice("cpu", handle);
      return { data: handle.tensor.data as TypedArray, dims: handle.dims };
    },
    close: async () => {},
  };
}

async function openWebgpu(): Promise<Device> {
  const transfers = new Transfers();
  const device: Device = {
    name: "webgpu",
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

/** The engine reads garbage from another device's memory without a word (ENGINE 1). */
export function requireDevice(name: DeviceName, handle: Handle): void {
  if (handle.device === name) return;
  throw new DeviceError({
    where: "a device value",
    expected: `memory of ${name}`,
    got: `memory of ${handle.device}`,
    hint: "Download it from its own device first.",
  });
}
