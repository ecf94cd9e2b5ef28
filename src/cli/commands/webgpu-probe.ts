/**
 * Opens WebGPU and says what came of it, as one JSON line. `doctor` runs this in a process of its
 * own: drivers write to stderr as they please, and a broken one takes its process with it.
 */
import { openDevice } from "../../runtime/device.ts";

try {
  const device = await openDevice("webgpu");
  await device.close();
  console.log(JSON.stringify({ found: true }));
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.log(JSON.stringify({ found: false, reason }));
}
