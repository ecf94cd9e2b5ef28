/** `--device auto`: what is there, computes right, and multiplies matrices fastest. */
import type { Device } from "./device.ts";
import type { NodeDeviceName } from "./device-names.ts";
import { type SelfTest, selfTest } from "./self-test.ts";

/**
 * In the order in which equals win. CoreML and DirectML are left out: WebGPU reaches the same GPUs
 * and keeps state on them.
 */
const candidates: readonly NodeDeviceName[] = ["cuda", "webgpu"];

/** Short, because the choice stands before everything else. */
const BUDGET_MS = 300;

interface Tried {
  readonly device: Device;
  readonly test: SelfTest;
}

/** The CPU is always there; another device has to beat it. */
export async function openFastest(
  open: (name: NodeDeviceName) => Promise<Device>,
  test: (device: Device) => Promise<SelfTest> = (device) =>
    selfTest(device, { budgetMs: BUDGET_MS }),
): Promise<Device> {
  let best: Tried | undefined;
  for (const name of candidates) {
    const device = await open(name).catch(() => undefined);
    if (!device) continue;
    const tried = { device, test: await test(device).catch(() => undefined) };
    const { test: found } = tried;
    if (found?.right && found.gflops > (best?.test.gflops ?? 0)) {
      await best?.device.close();
      best = { device, test: found };
    } else await device.close();
  }
  const cpu = await open("cpu");
  if (!best) return cpu;
  const { gflops } = await test(cpu);
  const [chosen, other] = best.test.gflops > gflops ? [best.device, cpu] : [cpu, best.device];
  await other.close();
  return chosen;
}
