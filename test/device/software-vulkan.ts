/**
 * Points the engine at SwiftShader, a Vulkan driver that needs no GPU. To be imported before the
 * engine loads. Speed on it says nothing; values and coverage are those of the WebGPU provider.
 */
import { existsSync } from "node:fs";

const driver = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Whether there is a driver to run WebGPU on: this one, or one that the caller has chosen. */
export const hasVulkan: boolean = existsSync(process.env.VK_ICD_FILENAMES ?? driver);

if (hasVulkan) {
  process.env.VK_ICD_FILENAMES ??= driver;
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
} else {
  console.warn(`WebGPU tests are skipped: no Vulkan driver at ${driver} (Debian: chromium).`);
}
