import { cpus } from "node:os";
import type { Device } from "./device.ts";

/** What computes, for cards and records: `2 CPU cores (AMD EPYC), cpu`. */
export function hardwareOf(device: Pick<Device, "name">): string {
  return `${cpus().length} CPU cores (${cpus()[0]?.model.trim() ?? "unknown"}), ${device.name}`;
}
