/** The one place that loads ONNX Runtime in Node; browsers bring a build of their own. */
import type * as Ort from "onnxruntime-node";
import { DeviceError } from "../errors.ts";

/** What is used of a build of ONNX Runtime: those for Node and for browsers have it alike. */
export type Engine = Pick<typeof Ort, "InferenceSession" | "Tensor" | "env">;

/**
 * Loads the native engine on first use, so that commands which need none start at once.
 *
 * @throws DeviceError if the package is missing or cannot be loaded.
 */
export async function loadEngine(): Promise<Engine> {
  try {
    const module = await import("onnxruntime-node");
    // loaders differ in whether they show a CommonJS package's names or only its default
    const engine =
      "InferenceSession" in module ? module : (module as { default: typeof Ort }).default;
    // errors arrive as exceptions; a device's driver need not print them as well
    engine.env.logLevel = "fatal";
    return engine;
  } catch (cause) {
    throw new DeviceError(
      {
        where: "onnxruntime-node",
        expected: "the engine's native library",
        got: cause instanceof Error ? cause.message.split("\n")[0]! : String(cause),
        hint: "Run `npm ci` again; `ordo doctor` shows what this machine lacks.",
      },
      { cause },
    );
  }
}
