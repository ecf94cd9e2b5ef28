/** The WebGPU provider, on a software GPU: all of it in one process, whose shaders are shared. */
import { describe } from "vitest";
import { openDevice } from "../../src/runtime/device.ts";
import { opsSuite } from "./ops-suite.ts";
import { hasVulkan } from "./software-vulkan.ts";
import { stateSuite } from "./state-suite.ts";
import { supportSuite } from "./support-suite.ts";
import { trainingSuite } from "./training-suite.ts";

const cpu = await openDevice("cpu");
// where there is no driver, nothing below runs
const gpu = hasVulkan ? await openDevice("webgpu") : cpu;

describe.skipIf(!hasVulkan)("WebGPU", () => {
  opsSuite(cpu, gpu);
  stateSuite(cpu, gpu);
  supportSuite(gpu);
  trainingSuite(cpu, gpu);
});
