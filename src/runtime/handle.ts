/** Values that live on a device between runs. */
import type { Tensor as OrtTensor } from "onnxruntime-node";
import { DeviceError } from "../errors.ts";
import type { Dtype, TypedArray } from "../graph/dtype.ts";
import type { DeviceName } from "./device-names.ts";
import type { ResultRooms } from "./result-rooms.ts";

/** A tensor with numbers, on one device. The device's functions take it without a copy. */
export interface Handle {
  readonly device: DeviceName;
  readonly dtype: Dtype;
  readonly dims: readonly number[];
  readonly tensor: OrtTensor;
  /** Gives the memory back; the handle must not be used afterwards. */
  dispose(): void;
}

/** The engine reads garbage from another device's memory without a word (ENGINE 1). */
export function requireDevice(name: DeviceName, handle: Handle): void {
  if (handle.device === name) return;
  throw new DeviceError({
    where: "a device value",
    expected: `memory of ${name}`,
    got: `memory of ${handle.device}`,
    hint: "Download it from its own device first.",
  });
}

/** Numbers on the host, in row-major order. */
export interface HostTensor<T extends TypedArray = TypedArray> {
  readonly data: T;
  readonly dims: readonly number[];
}

/** Named values that functions read and replace: parameters, moments, caches. */
export class DeviceState {
  readonly #handles = new Map<string, Handle>();
  readonly #rooms: ResultRooms | undefined;

  /** @param rooms where functions may write what they store; nobody else may read there later. */
  constructor(rooms?: ResultRooms) {
    this.#rooms = rooms;
  }

  /** Memory for the next value of a name, if room was reserved for it. */
  roomFor(name: string, dtype: Dtype, count: number): TypedArray | undefined {
    return this.#rooms?.view(name, dtype, count);
  }

  get(name: string): Handle | undefined {
    return this.#handles.get(name);
  }

  /** Stores a value and disposes of the one it replaces. */
  set(name: string, handle: Handle): void {
    const before = this.#handles.get(name);
    if (before && before !== handle) before.dispose();
    this.#handles.set(name, handle);
  }

  names(): string[] {
    return [...this.#handles.keys()];
  }

  delete(name: string): void {
    this.#handles.get(name)?.dispose();
    this.#handles.delete(name);
  }

  dispose(): void {
    for (const handle of this.#handles.values()) handle.dispose();
    this.#handles.clear();
  }
}
