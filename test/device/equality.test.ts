/** Bases and tokenizers on the WebGPU provider, on a software GPU. */
import { describe } from "vitest";
import { openDevice } from "../../src/runtime/device.ts";
import { equalitySuite } from "./equality-suite.ts";
import { hasVulkan } from "./software-vulkan.ts";

const cpu = await openDevice("cpu", { threads: 1 });
// where there is no driver, nothing below runs
const gpu = hasVulkan ? await openDevice("webgpu") : cpu;

describe.skipIf(!hasVulkan)("WebGPU", () => equalitySuite(cpu, gpu));
