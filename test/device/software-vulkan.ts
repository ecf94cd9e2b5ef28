/**
 * Points the engine at SwiftShader, a Vulkan driver that needs no GPU. Speed on it says nothing; values
 * and coverage are those of the WebGPU provider. The runner imports it too, since the system reads where
 * libraries lie when a process starts.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

const folder = "/usr/lib/chromium";
const driver = join(folder, "vk_swiftshader_icd.json");

/** Whether there is a driver to run WebGPU on: this one, or one that the caller has chosen. */
export const hasVulkan: boolean = existsSync(process.env.VK_ICD_FILENAMES ?? driver);

if (hasVulkan) {
  process.env.VK_ICD_FILENAMES ??= driver;
  process.env.XDG_RUNTIME_DIR ??= "/tmp";
  // the Vulkan loader that lies beside the driver, where the system has none
  const { LD_LIBRARY_PATH: known = "" } = process.env;
  if (!known.split(":").includes(folder)) {
    process.env.LD_LIBRARY_PATH = known ? `${known}:${folder}` : folder;
  }
} else {
  console.warn(`WebGPU tests are skipped: no Vulkan driver at ${driver} (Debian: chromium).`);
}
