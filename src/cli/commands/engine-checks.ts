/** What `ordo doctor` asks of the engine: does it compute, how fast, and on which devices. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { deviceNames, type NodeDeviceName } from "../../runtime/device-names.ts";
import { plainReason } from "../plain-reason.ts";
import type { NotFound, ProbeAnswer } from "./device-probe.ts";
import type { Check, Finding } from "./doctor-checks.ts";

export const engineChecks: readonly Check[] = [
  { name: "copies", run: checkCopies },
  ...deviceNames.map((name): Check => ({ name, run: () => checkDevice(name) })),
];

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

/** Whether the device computes right, how fast it multiplies matrices, and what it lacks. */
async function checkDevice(name: NodeDeviceName): Promise<Finding> {
  const answer = await probeDevice(name);
  if (!answer.found) return absent(name, answer);
  const { error, right, gflops, bufferBytes, float16 } = answer;
  const rate = gflops < 10 ? gflops.toFixed(1) : Math.round(gflops);
  const words = [
    `float32 matrix products at ${rate} GFLOP/s, right to ${error.toExponential(0)}`,
    ...(bufferBytes === undefined ? [] : [`buffers of ${bufferBytes / 2 ** 20} MiB`]),
    ...(float16 === undefined ? [] : [float16 ? "float16" : "no float16"]),
  ];
  const { ...values } = answer;
  if (right) return { state: "ok", detail: words.join(", "), values };
  return {
    state: "failed",
    detail: `computes wrong: off by ${error.toExponential(0)}`,
    hint: `Update its driver; until then do not use --device ${name}.`,
    values,
  };
}

function absent(name: NodeDeviceName, { reason, hint }: NotFound): Finding {
  const values = { found: false, reason };
  if (name !== "webgpu") {
    return {
      state: name === "cpu" ? "failed" : "absent",
      detail: reason,
      values,
      ...(hint && { hint }),
    };
  }
  return {
    state: "warning",
    detail: `no adapter: ${plainReason(reason)}`,
    hint: "Everything works on the CPU. A GPU needs its Vulkan driver (Metal on macOS).",
    values,
  };
}

/** A process of its own: see device-probe.ts. */
function probeDevice(name: NodeDeviceName): Promise<ProbeAnswer> {
  const file = import.meta.url.endsWith(".ts") ? "./device-probe.dev.mjs" : "./device-probe.js";
  const path = fileURLToPath(new URL(file, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [path, name], { timeout: 60_000 }, (error, stdout) => {
      // a driver may add lines of its own
      const line = stdout.split("\n").find((text) => text.startsWith('{"found"'));
      if (line) resolve(JSON.parse(line) as ProbeAnswer);
      else {
        const reason = `the probe ended with ${error?.signal ?? error?.code}`;
        resolve({ found: false, reason });
      }
    });
  });
}
