import { readFile } from "node:fs/promises";
import { arch, cpus } from "node:os";
import type { Device } from "./device.ts";

/** What computes, for cards and records: `2 CPU cores (AMD EPYC), cpu`. */
export function hardwareOf(device: Pick<Device, "name">): string {
  return `${cpus().length} CPU cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${device.name}`;
}

/** What decides which kernels a CPU gets: its kind, model, and where the system tells, its instructions. */
export async function processorFacts(): Promise<readonly string[]> {
  const told = await readFile("/proc/cpuinfo", "utf8").catch(() => "");
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(told)?.[1] ?? "";
  return [arch(), cpus()[0]?.model ?? "", flags];
}
