/** Where graphs run in a browser. */
import { DeviceError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import { hostDevice, webgpuDevice } from "../runtime/engine-device.ts";
import type { Precision } from "../runtime/precision.ts";
import { loadWebEngine } from "./engine.ts";

export interface BrowserDeviceOptions {
  /** Default `fp32`; `fp16` needs a GPU with shader-f16. */
  readonly precision?: Precision;
  /** CPU threads; by default up to four where the page is cross-origin isolated, else one. */
  readonly threads?: number;
  /** Folder of the engine's files (`ort-wasm-…`); that of this module by default. */
  readonly files?: string | URL;
}

/** What is asked of a browser, which other places of this program do not have. */
interface BrowserGlobals {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: {
    readonly hardwareConcurrency?: number;
    readonly gpu?: { requestAdapter(): Promise<unknown> };
  };
}

const browser = globalThis as BrowserGlobals;

/** More of them gain little on models that fit into a page. */
const MOST_THREADS = 4;

/**
 * Opens a device: `wasm` is the CPU, `webgpu` the GPU, `auto` the GPU where there is one.
 *
 * @throws DeviceError if it is not there, or the engine's files are not.
 */
export async function openDevice(
  name: "auto" | "wasm" | "webgpu" = "auto",
  { threads = defaultThreads(), files, precision = "fp32" }: BrowserDeviceOptions = {},
): Promise<Device> {
  const options = { threads, ...(files !== undefined && { files }) };
  if (name === "webgpu" || (name === "auto" && (await hasGpu()))) {
    return { ...(await webgpuDevice(await loadWebEngine("webgpu", options))), precision };
  }
  if (name === "wasm" || name === "auto") {
    const engine = await loadWebEngine("wasm", options);
    return { ...hostDevice(engine, { name: "wasm", fillsArrays: false, threads }), precision };
  }
  throw new DeviceError({ where: "openDevice", expected: "auto, wasm or webgpu", got: name });
}

/** Threads share memory, which a page has only if its server sends COOP and COEP headers. */
function defaultThreads(): number {
  if (!browser.crossOriginIsolated) return 1;
  return Math.min(MOST_THREADS, browser.navigator?.hardwareConcurrency ?? 1);
}

/** Browsers may have the interface and yet no adapter. */
async function hasGpu(): Promise<boolean> {
  const adapter = await browser.navigator?.gpu?.requestAdapter().catch(() => null);
  return Boolean(adapter);
}
