/** Where graphs run. A device is opened once and passed to whatever compiles functions. */
import { join } from "node:path";
import { cacheFolder } from "../cache-folder.ts";
import { DeviceError } from "../errors.ts";
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import type { Target } from "../graph/emitter.ts";
import { type DeviceName, deviceChoices } from "./device-names.ts";
import { type Engine, loadEngine } from "./engine.ts";
import { hostDevice, webgpuDevice } from "./engine-device.ts";
import type { Handle, HostTensor } from "./handle.ts";
import type { FileWeights } from "./kept-graphs.ts";
import type { DeviceLimits } from "./limits.ts";
import type { Precision } from "./precision.ts";
import { openProvider } from "./provider-device.ts";
import type { RunObserver } from "./run-observer.ts";
import { engineOptions, type Session, type SessionOptions } from "./session.ts";
import { startSession } from "./session-thread.ts";
import { stopOutputWorks } from "./stop-output.ts";

/**
 * @param results names of the outputs to compute.
 * @param weights what lies in files; the optimised graph is then kept for the next start.
 */
export type StartSession = (
  model: Uint8Array,
  results: readonly string[],
  options: SessionOptions,
  weights?: FileWeights,
) => Session;

export interface Device {
  readonly name: DeviceName;
  /** The build of ONNX Runtime that computes. */
  readonly engine: Engine;
  /** The form in which ops are written for this device. */
  readonly target: Target;
  /** What functions compute in that may be narrow (`CompileOptions.mayNarrow`). */
  readonly precision: Precision;
  /** Whether results can be written into given arrays without a copy. */
  readonly fillsArrays: boolean;
  /** CPU threads a function may use; 0 means one per core. */
  readonly threads: number;
  /** What it lacks beyond operators; absent where nothing is limited. */
  readonly limits?: DeviceLimits;
  /** Starts to prepare a session in a thread of its own; absent where sessions have none. */
  readonly startSession?: StartSession;
  /** Learns which device computed which node. */
  readonly observer?: RunObserver;
  /** Makes a value of the device. On the CPU the array itself is used, not a copy. */
  upload(dtype: Dtype, dims: readonly number[], data: TypedArray): Promise<Handle>;
  download(handle: Handle): Promise<HostTensor>;
  /** Waits until all work that was given to the device is done. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

export interface DeviceOptions {
  /** Default `fp32`. On the CPU `fp16` rounds as a GPU would, and saves nothing. */
  readonly precision?: Precision;
  readonly threads?: number;
  readonly observer?: RunObserver;
}

/**
 * Opens a device by name: `cpu`, `webgpu`, `cuda`, `coreml`, `dml`, or `auto` for the fastest one
 * that gives right results.
 *
 * @throws DeviceError if the device is not there, with the engine's reason.
 */
export async function openDevice(name: string, options: DeviceOptions = {}): Promise<Device> {
  const { observer, precision } = options;
  const device = await openNamed(name, options);
  return { ...device, ...(observer && { observer }), ...(precision && { precision }) };
}

async function openNamed(name: string, options: DeviceOptions): Promise<Device> {
  if (name === "cpu") return openCpu(options);
  if (name === "webgpu") return webgpuDevice(await loadEngine());
  if (name === "cuda" || name === "coreml" || name === "dml") return openProvider(name);
  if (name === "auto") {
    const { openFastest } = await import("./fastest-device.ts");
    return openFastest((one) => openNamed(one, options));
  }
  throw new DeviceError({
    where: "--device",
    expected: deviceChoices.join(", "),
    got: name,
    hint: "`ordo doctor` shows the devices of this machine.",
  });
}

async function openCpu({ threads = 0 }: DeviceOptions): Promise<Device> {
  const engine = await loadEngine();
  const fillsArrays = await stopOutputWorks(engine);
  return {
    ...hostDevice(engine, { name: "cpu", fillsArrays, threads }),
    startSession: (model, results, given, weights) => {
      const options = engineOptions("cpu", results, given);
      const kept = weights && { folder: join(cacheFolder(), "compiled"), weights };
      return startSession(engine, { model, results, options, ...(kept && { kept }) });
    },
  };
}
