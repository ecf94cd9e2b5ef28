/** A device, open for the time of a command. */
import { DeviceError } from "../errors.ts";
import type { Device } from "../runtime/device.ts";
import type { Placement } from "../runtime/placement-log.ts";
import type { Precision } from "../runtime/precision.ts";
import { plainReason } from "./plain-reason.ts";
import type { Terminal } from "./terminal.ts";

/** What ran where so far; empty if nobody watches. */
export type Placements = () => Promise<readonly Placement[]>;

export interface WatchOptions {
  /** What it computes in; default fp32. */
  readonly precision?: Precision;
  /** Watch what runs where; by default only under --verbose, which lists it at the end. */
  readonly watch?: boolean;
}

/** Opens a device by the name that was asked for, and closes it whatever happens. */
export async function withDevice<R>(
  name: string,
  terminal: Terminal,
  use: (device: Device, placements: Placements) => Promise<R>,
  { watch = terminal.verbose, precision = "fp32" }: WatchOptions = {},
): Promise<R> {
  const [{ openDevice }, { PlacementLog, placementLines }] = await Promise.all([
    import("../runtime/device.ts"),
    import("../runtime/placement-log.ts"),
  ]);
  const log = watch ? await PlacementLog.open() : undefined;
  const placements: Placements = async () => (await log?.read()) ?? [];
  try {
    const options = { precision, ...(log && { observer: log }) };
    const device = await openDevice(name, options).catch((error: unknown) => {
      throw error instanceof DeviceError ? missingDevice(name, error) : error;
    });
    if (precision === "fp16" && device.name === "cpu") {
      terminal.warn("--precision fp16 on the CPU rounds as a GPU would: slower, and no smaller");
    }
    if (name === "auto") terminal.detail(`auto: ${device.name}`);
    try {
      const result = await use(device, placements);
      for (const line of placementLines(device.name, await placements())) terminal.detail(line);
      return result;
    } finally {
      await device.close();
    }
  } finally {
    await log?.close();
  }
}

/** The engine's words name lines of its source; people need to know what to do. */
function missingDevice(name: string, cause: DeviceError): DeviceError {
  const { hint } = cause.facts;
  const facts = {
    where: `--device ${name}`,
    expected: "a device of this machine",
    got: plainReason(cause.facts.got),
  };
  const words = hint ? `${hint.replace(/\.$/, "")}; ordo doctor` : "ordo doctor";
  return new DeviceError({ ...facts, hint: words }, { cause });
}
