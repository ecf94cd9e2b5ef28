/** What `ordo doctor` asks of the engine: does it compute, how fast, and on which devices. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { plainReason } from "../plain-reason.ts";
import type { Check, Finding } from "./doctor-checks.ts";

export const engineChecks: readonly Check[] = [
  { name: "cpu", run: checkCpu },
  { name: "copies", run: checkCopies },
  { name: "webgpu", run: checkWebgpu },
];

/** Large enough to keep all threads busy, small enough to take milliseconds. */
const SIDE = 768;
const RUNS = 5;

/** How fast it multiplies matrices, which is most of what models do. */
async function checkCpu(): Promise<Finding> {
  const { openDevice } = await import("../../runtime/device.ts");
  const { openMatrixRate } = await import("../../bench/matrix-rate.ts");
  const { interleave } = await import("../../bench/measure.ts");
  const device = await openDevice("cpu");
  // a little reading, because the probe wants some
  const shapes = [[SIDE, SIDE, SIDE]] as const;
  const probe = await openMatrixRate(device, { shapes, readFloats: 1 << 20 });
  try {
    const timings = await interleave(probe.runs, { repeat: RUNS, warmUp: 1 });
    const gflops = Math.round(probe.rate(timings).gflops);
    const detail = `float32 matrix products at ${gflops} GFLOP/s`;
    return { state: "ok", detail, values: { gflops } };
  } finally {
    await probe.close();
    await device.close();
  }
}

/** Whether results land in Ordo's own arrays (runtime/stop-output.ts). */
async function checkCopies(): Promise<Finding> {
  const { stopOutputWorks } = await import("../../runtime/stop-output.ts");
  const { loadEngine } = await import("../../runtime/engine.ts");
  const works = await stopOutputWorks(await loadEngine());
  if (works) {
    const detail = "results are written without copies";
    return { state: "ok", detail, values: { stopOutput: true } };
  }
  return {
    state: "warning",
    detail: "this build of the engine copies every result",
    hint: "Training is slower and takes more memory; everything else is the same.",
    values: { stopOutput: false },
  };
}

async function checkWebgpu(): Promise<Finding> {
  const answer = await probeWebgpu();
  if (answer.found) return { state: "ok", detail: "an adapter is there", values: { found: true } };
  return {
    state: "warning",
    detail: `no adapter: ${plainReason(answer.reason ?? "no answer")}`,
    hint: "Everything works on the CPU. A GPU needs its Vulkan driver (Metal on macOS).",
    values: { found: false },
  };
}

interface ProbeAnswer {
  readonly found: boolean;
  readonly reason?: string;
}

/** In a process of its own: see webgpu-probe.ts. */
function probeWebgpu(): Promise<ProbeAnswer> {
  const file = import.meta.url.endsWith(".ts") ? "./webgpu-probe.dev.mjs" : "./webgpu-probe.js";
  const path = fileURLToPath(new URL(file, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [path], { timeout: 20_000 }, (error, stdout) => {
      // a driver may add lines of its own
      const line = stdout.split("\n").find((text) => text.startsWith('{"found"'));
      if (line) resolve(JSON.parse(line) as ProbeAnswer);
      else
        resolve({ found: false, reason: `the probe ended with ${error?.signal ?? error?.code}` });
    });
  });
}
