/**
 * The engine's builds for browsers. Both are loaded when first asked for; the files that they fetch
 * (`ort-wasm-…`) lie beside the bundle unless told otherwise.
 */
import { DeviceError } from "../errors.ts";
import type { Engine } from "../runtime/engine.ts";

/** The one for WebGPU has the kernels for the CPU too, and is nearly twice as large. */
export type EngineBuild = "wasm" | "webgpu";

const glue: Readonly<Record<EngineBuild, string>> = {
  wasm: "ort-wasm-simd-threaded",
  webgpu: "ort-wasm-simd-threaded.asyncify",
};

export interface EngineOptions {
  /** CPU threads; more than one needs a page that is cross-origin isolated. */
  readonly threads: number;
  /** Folder of the engine's files; that of the bundle by default. */
  readonly files?: string | URL;
}

/**
 * Loads a build. Threads are set by whoever loads a build first: the engine starts them once.
 *
 * @throws DeviceError if its files cannot be fetched.
 */
export async function loadWebEngine(
  build: EngineBuild,
  { threads, files = new URL(".", import.meta.url) }: EngineOptions,
): Promise<Engine> {
  const folder = new URL(files, import.meta.url);
  try {
    const engine =
      build === "wasm"
        ? await import("onnxruntime-web/wasm")
        : await import("onnxruntime-web/webgpu");
    const { env } = engine;
    env.logLevel = "error";
    env.wasm.numThreads = threads;
    env.wasm.wasmPaths = {
      mjs: new URL(`${glue[build]}.mjs`, folder).href,
      wasm: new URL(`${glue[build]}.wasm`, folder).href,
    };
    return engine;
  } catch (cause) {
    throw new DeviceError(
      {
        where: "onnxruntime-web",
        expected: `the engine's ${build} build in ${folder.href}`,
        got: cause instanceof Error ? cause.message.split("\n")[0]! : String(cause),
        hint: "Serve all files of ordo's dist/browser from one folder.",
      },
      { cause },
    );
  }
}
