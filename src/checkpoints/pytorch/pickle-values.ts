/** What a pickle turns into here: data, and records of what Python would have called. */

import type { TensorDtype } from "../tensor-data.ts";

/** A name of the pickle, such as `torch.FloatStorage`; it stands for nothing but itself. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** An object of a class that means nothing to us, with whatever was put into it. */
export class PickleObject {
  readonly type: string;
  readonly args: readonly PickleValue[];
  /** Its attributes, as BUILD gave them. */
  state: PickleValue = null;
  /** What a subclass of dict or list holds; made when first needed, since most hold nothing. */
  items: PickleDict | null = null;

  constructor(type: string, args: readonly PickleValue[]) {
    this.type = type;
    this.args = args;
  }

  get itemCount(): number {
    return this.items?.size ?? 0;
  }

  setItem(key: PickleValue, value: PickleValue): void {
    this.items ??= new Map();
    this.items.set(key, value);
  }
}

/** Raw numbers that tensors look into; they lie in an entry of their own. */
export class PickleStorage {
  readonly key: string;
  /** Element type; null for untyped storages, which are counted in bytes. */
  readonly type: StorageType | null;
  /** Elements, or bytes of an untyped one. */
  readonly count: number;

  constructor(key: string, type: StorageType | null, count: number) {
    this.key = key;
    this.type = type;
    this.count = count;
  }
}

/** A view of a storage; offset and strides count elements. */
export class PickleTensor {
  readonly storage: PickleStorage;
  readonly type: StorageType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  constructor(
    storage: PickleStorage,
    type: StorageType,
    view: {
      readonly offset: number;
      readonly shape: readonly number[];
      readonly strides: readonly number[];
    },
  ) {
    this.storage = storage;
    this.type = type;
    this.offset = view.offset;
    this.shape = view.shape;
    this.strides = view.strides;
  }
}

/** What elements are; `dtype` is null for the types that Ordo has no use for, such as complex. */
export interface StorageType {
  readonly name: string;
  readonly dtype: TensorDtype | null;
}

export type PickleDict = Map<PickleValue, PickleValue>;

/** Lists and tuples are arrays; sets are records, since nothing here asks for them. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleDict
  | PickleGlobal
  | PickleObject
  | PickleStorage
  | PickleTensor;

/** What a value is, for errors. */
export function kindOf(value: PickleValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (value instanceof Map) return "a dict";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof PickleGlobal) return shortName(value.name);
  if (value instanceof PickleObject) return `an object of ${shortName(value.type)}`;
  if (value instanceof PickleStorage) return "a storage";
  if (value instanceof PickleTensor) return "a tensor";
  if (typeof value === "string") return "a text";
  return typeof value === "boolean" ? "a boolean" : "a number";
}

/** A name of a hostile file, cut so that it cannot flood a terminal. */
export function shortName(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}…` : name;
}
