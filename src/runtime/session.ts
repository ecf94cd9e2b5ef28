/** Engine sessions with the options that ENGINE 1 and 7 found best. */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { DeviceError } from "../errors.ts";
import { type DeviceName, isHost } from "./device-names.ts";
import type { Engine } from "./engine.ts";

export interface SessionOptions {
  /** Training graphs: plan memory node by node, which lowers the peak by a third. */
  readonly training?: boolean;
  /** Keeps a second computation of the same value from being merged with the first. */
  readonly keepRecomputation?: boolean;
  /** CPU threads; 0 means one per core. */
  readonly threads?: number;
  /** Refuses graphs of which the device would leave a node to the CPU. */
  readonly noFallback?: boolean;
  /** Outputs that stay on the device, by name; the others come to the host. */
  readonly onDevice?: ReadonlySet<string>;
  /** Folder of the files in which constants have stayed. */
  readonly fileFolder?: string;
  /** Use constants as they are, instead of making copies in the order in which kernels like them. */
  readonly unpacked?: boolean;
  /** Writes a profile next to this path. */
  readonly profile?: string;
}

/** Tensors by the name of the input or output. */
export type Values = Record<string, OrtTensor>;

/** What a compiled function needs of a session. */
export interface Session {
  /** Results in new arrays. */
  run(feeds: Values): Promise<Values>;
  /** Writes results into the given arrays; absent where they are always new. */
  readonly fill?: (feeds: Values, fetches: Values) => Promise<void>;
  endProfiling(): void;
  release(): Promise<void>;
}

export async function createSession(
  engine: Engine,
  device: DeviceName,
  model: Uint8Array,
  outputNames: readonly string[],
  options: SessionOptions = {},
): Promise<InferenceSession> {
  try {
    return await engine.InferenceSession.create(model, engineOptions(device, outputNames, options));
  } catch (cause) {
    throw engineFailure(device, "compiling", cause);
  }
}

export type CreateOptions = Parameters<Engine["InferenceSession"]["create"]>[1];

/** The engine's own words for these options: plain data. */
export function engineOptions(
  device: DeviceName,
  outputNames: readonly string[],
  options: SessionOptions,
): CreateOptions {
  const { training, keepRecomputation, threads = 0, noFallback, onDevice } = options;
  const { fileFolder, unpacked, profile } = options;
  const disabled = [
    ...(keepRecomputation ? ["CommonSubexpressionElimination"] : []),
    // a product written with its operands exchanged is meant that way (ENGINE 3)
    "GemmTransposeFusion",
    // on WebGPU the fused kernel leaves out mean and deviation, which gradients read (engine 1.30);
    // on the CPU it takes four times as long as the two nodes in its place
    "SkipLayerNormFusion",
  ];
  return {
    executionProviders: [device],
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    intraOpNumThreads: threads,
    enableMemPattern: !training,
    // errors arrive as exceptions; the engine need not print them as well
    logSeverityLevel: 4,
    ...(device === "webgpu" && {
      preferredOutputLocation: Object.fromEntries(
        outputNames.map((name) => [name, onDevice?.has(name) ? "gpu-buffer" : "cpu"]),
      ),
    }),
    ...(profile && { enableProfiling: true, profileFilePrefix: profile }),
    extra: {
      session: {
        // idle pools that spin slow every other session down by 2 to 4 times
        intra_op: { allow_spinning: "0" },
        ...(fileFolder && { model_external_initializers_file_folder_path: fileFolder }),
        ...(unpacked && { disable_prepacking: "1" }),
        // on the CPU itself, wasm included, there is nothing to fall back to, and the engine would refuse every graph
        ...(noFallback && !isHost(device) && { disable_cpu_ep_fallback: "1" }),
      },
      optimization: { disable_specified_optimizers: disabled.join(";") },
    },
  };
}

/** Says what was being done when the engine failed; its own words become the "got". */
export function engineFailure(device: string, doing: string, cause: unknown): DeviceError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const hint = hintFor(text);
  return new DeviceError(
    {
      where: `${device} while ${doing}`,
      expected: "the engine to succeed",
      got: text.split("\n")[0]!,
      ...(hint && { hint }),
    },
    { cause },
  );
}

/** WebGPU reports memory that it did not get as a buffer that turned out invalid. */
const OUT_OF_MEMORY =
  /alloc|out of memory|OUT_OF_\w*MEMORY|Invalid Buffer|max buffer size limit|maxStorageBufferBindingSize/i;
const DEVICE_LOST = /device (is |was )?lost|DEVICE_(LOST|REMOVED|HUNG)|lost device/i;

function hintFor(text: string): string | undefined {
  if (DEVICE_LOST.test(text)) {
    return "The device was lost with all values on it: its driver was reset, or it is gone. Start again.";
  }
  if (OUT_OF_MEMORY.test(text)) {
    return "The device ran out of memory: use a smaller batch or model.";
  }
  return undefined;
}
