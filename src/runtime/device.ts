/** Where graphs run. A device is opened once and passed to whatever compiles functions. */
import { DeviceError } from "../errors.ts";
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import type { Target } from "../graph/emitter.ts";
import { type Engine, loadEngine } from "./engine.ts";
import { hostDevice, webgpuDevice } from "./engine-device.ts";
import type { DeviceName, Handle, HostTensor } from "./handle.ts";
import { stopOutputWorks } from "./stop-output.ts";

export interface Device {
  readonly name: DeviceName;
  /** The build of ONNX Runtime that computes. */
  readonly engine: Engine;
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
  if (name === "webgpu") return webgpuDevice(await loadEngine());
  throw new DeviceError({
    where: "--device",
    expected: "cpu or webgpu",
    got: name,
    hint: "`ordo doctor` shows the devices of this machine.",
  });
}

async function openCpu({ threads = 0 }: DeviceOptions): Promise<Device> {
  const engine = await loadEngine();
  const fillsArrays = await stopOutputWorks(engine);
  return hostDevice(engine, { name: "cpu", fillsArrays, threads });
}
