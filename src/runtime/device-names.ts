/** The names of devices, as the command line and `openDevice` take them. */

/** Those that Node's build of the engine may reach; which are there depends on the machine. */
export const deviceNames = ["cpu", "webgpu", "cuda", "coreml", "dml"] as const;

export type NodeDeviceName = (typeof deviceNames)[number];

/** `auto` is the fastest that gives right results. */
export type DeviceChoice = "auto" | NodeDeviceName;

export const deviceChoices: readonly DeviceChoice[] = ["auto", ...deviceNames];

/** `wasm` is the CPU in a browser. */
export type DeviceName = NodeDeviceName | "wasm";

/** Whether a device is the CPU itself: it has nothing to fall back to. */
export function isHost(device: DeviceName): boolean {
  return device === "cpu" || device === "wasm";
}
