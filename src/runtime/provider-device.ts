/**
 * Devices that ONNX Runtime reaches through providers of its own: CUDA, CoreML, DirectML. Their
 * binding takes and gives arrays of the host only, so that all state crosses the bus in every run:
 * good for sampling with constant weights, slow for training.
 */
import { DeviceError } from "../errors.ts";
import { writeModel } from "../graph/onnx/writer.ts";
import { add } from "../graph/ops/arithmetic.ts";
import { input } from "../graph/ops/source.ts";
import type { Device } from "./device.ts";
import { loadEngine } from "./engine.ts";
import { hostDevice } from "./engine-device.ts";
import { createSession } from "./session.ts";

export type ProviderName = "cuda" | "coreml" | "dml";

interface Provider {
  readonly title: string;
  readonly remedy: string;
}

const providers: Readonly<Record<ProviderName, Provider>> = {
  cuda: {
    title: "the CUDA provider",
    remedy:
      "On Linux with CUDA 12: node node_modules/onnxruntime-node/script/install.js " +
      "--onnxruntime-node-install=cuda12; --device webgpu needs no such library.",
  },
  coreml: {
    title: "the CoreML provider",
    remedy: "It is a part of macOS; elsewhere use --device webgpu or cpu.",
  },
  dml: {
    title: "the DirectML provider",
    remedy: "It is a part of Windows; elsewhere use --device webgpu or cpu.",
  },
};

/** @throws DeviceError if the provider is not there, with the engine's reason and a remedy. */
export async function openProvider(name: ProviderName): Promise<Device> {
  const engine = await loadEngine();
  const x = input("x", "float32", [2]);
  const { bytes } = writeModel({
    name: "probe",
    outputs: new Map([["y", add(x, x)]]),
    target: "portable",
  });
  try {
    const session = await createSession(engine, name, bytes, ["y"]);
    await session.release();
  } catch (cause) {
    const { title, remedy } = providers[name];
    const got = cause instanceof DeviceError ? cause.facts.got : String(cause);
    throw new DeviceError(
      { where: `--device ${name}`, expected: `${title} of the engine`, got, hint: remedy },
      { cause },
    );
  }
  // the engine's own operators differ between providers; the standard's are the safe ones
  return hostDevice(engine, { name, fillsArrays: false, threads: 0, target: "portable" });
}
