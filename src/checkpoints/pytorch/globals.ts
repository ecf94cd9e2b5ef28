/**
 * The only names that a checkpoint may call, and what we make of each: tensors and plain
 * containers are built here, everything else on the list becomes an inert record. Nothing of a
 * file is ever run. (The list is that of PyTorch's restricted reader, plus what trainers put
 * beside the weights.)
 */

import type { TensorDtype } from "../tensor-data.ts";
import {
  kindOf,
  type PickleDict,
  PickleGlobal,
  PickleObject,
  PickleStorage,
  PickleTensor,
  type PickleValue,
  type StorageType,
} from "./pickle-values.ts";

/** Thrown by builders with what they expected; the reader adds file and place. */
export class PickleMismatch extends Error {
  readonly expected: string;
  readonly got: string;

  constructor(expected: string, got: string) {
    super(`expected ${expected}, got ${got}`);
    this.expected = expected;
    this.got = got;
  }
}

/** `spend` counts what a builder makes, so that a few bytes cannot ask for many values. */
type Builder = (args: readonly PickleValue[], spend: (count: number) => void) => PickleValue;

const TYPES: readonly (readonly [type: string, storage: string, dtype: TensorDtype | null])[] = [
  ["float32", "FloatStorage", "float32"],
  ["float16", "HalfStorage", "float16"],
  ["bfloat16", "BFloat16Storage", "bfloat16"],
  ["float64", "DoubleStorage", "float64"],
  ["int16", "ShortStorage", "int16"],
  ["int32", "IntStorage", "int32"],
  ["int64", "LongStorage", "int64"],
  ["uint8", "ByteStorage", "uint8"],
  ["int8", "CharStorage", "int8"],
  ["bool", "BoolStorage", "bool"],
  ["complex64", "ComplexFloatStorage", null],
  ["complex128", "ComplexDoubleStorage", null],
  ["quint8", "QUInt8Storage", null],
  ["qint8", "QInt8Storage", null],
  ["qint32", "QInt32Storage", null],
  ["float8_e4m3fn", "Float8_e4m3fnStorage", null],
  ["float8_e5m2", "Float8_e5m2Storage", null],
  ["uint16", "UInt16Storage", null],
  ["uint32", "UInt32Storage", null],
  ["uint64", "UInt64Storage", null],
];

const byStorage = new Map(
  TYPES.map(([name, storage, dtype]): [string, StorageType] => [
    `torch.${storage}`,
    { name, dtype },
  ]),
);
const byDtype = new Map(
  TYPES.map(([name, , dtype]): [string, StorageType] => [`torch.${name}`, { name, dtype }]),
);
const UNTYPED = new Set(["torch.UntypedStorage", "torch.storage.UntypedStorage"]);

const tensor: Builder = ([storage, offset, shape, strides], spend) => {
  if (!(storage instanceof PickleStorage) || !storage.type) {
    throw new PickleMismatch("a tensor's storage", kindOf(storage));
  }
  return view(storage, storage.type, [offset, shape, strides], spend);
};

const typedTensor: Builder = (args, spend) => {
  const [storage, offset, shape, strides, _gradient, _hooks, dtype] = args;
  const type = dtype instanceof PickleGlobal ? byDtype.get(dtype.name) : undefined;
  if (!(storage instanceof PickleStorage)) {
    throw new PickleMismatch("a tensor's storage", kindOf(storage));
  }
  if (!type) throw new PickleMismatch("a tensor's dtype", kindOf(dtype));
  return view(storage, type, [offset, shape, strides], spend);
};

const firstArgument: Builder = ([value = null]) => value;

const dict: Builder = ([items], spend) => {
  // Python copies here; nobody changes the original afterwards
  if (items instanceof Map) return items;
  const made: PickleDict = new Map();
  spend(Array.isArray(items) ? items.length : 0);
  for (const item of Array.isArray(items) ? items : []) {
    if (!Array.isArray(item) || item.length !== 2) {
      throw new PickleMismatch("pairs of a dict", kindOf(item));
    }
    made.set(item[0]!, item[1]!);
  }
  return made;
};

/** `_rebuild_from_type_v2(function, type, arguments, state)`: a tensor of a subclass. */
const subclassTensor: Builder = ([call, _type, args], spend) => {
  if (!(call instanceof PickleGlobal) || !Array.isArray(args)) {
    throw new PickleMismatch("a function and its arguments", kindOf(call));
  }
  const build = tensorBuilders.get(call.name);
  if (!build) throw new PickleMismatch("a function that makes a tensor", kindOf(call));
  return build(args, spend);
};

const tensorBuilders: ReadonlyMap<string, Builder> = new Map([
  ["torch._utils._rebuild_tensor", tensor],
  ["torch._utils._rebuild_tensor_v2", tensor],
  ["torch._utils._rebuild_tensor_v3", typedTensor],
  ["torch._utils._rebuild_parameter", firstArgument],
  ["torch._utils._rebuild_parameter_with_state", firstArgument],
]);

const builders: ReadonlyMap<string, Builder> = new Map([
  ...tensorBuilders,
  ["torch._tensor._rebuild_from_type_v2", subclassTensor],
  ["collections.OrderedDict", dict],
  ["collections.Counter", dict],
  // its first argument makes missing values
  ["collections.defaultdict", ([, items = null], spend) => dict([items], spend)],
  ["builtins.dict", dict],
  ["torch.Size", ([sizes]) => (Array.isArray(sizes) ? sizes : [])],
]);

const RECORDS: ReadonlySet<string> = new Set([
  "_codecs.encode",
  "argparse.Namespace",
  "builtins.bool",
  "builtins.bytearray",
  "builtins.bytes",
  "builtins.complex",
  "builtins.float",
  "builtins.frozenset",
  "builtins.int",
  "builtins.list",
  "builtins.object",
  "builtins.range",
  "builtins.set",
  "builtins.slice",
  "builtins.str",
  "builtins.tuple",
  "copyreg._reconstructor",
  "datetime.date",
  "datetime.datetime",
  "datetime.timedelta",
  "easydict.EasyDict",
  "numpy.core.multiarray._reconstruct",
  "numpy.core.multiarray.scalar",
  "numpy._core.multiarray._reconstruct",
  "numpy._core.multiarray.scalar",
  "numpy.dtype",
  "numpy.ndarray",
  "omegaconf.base.ContainerMetadata",
  "omegaconf.base.Metadata",
  "omegaconf.dictconfig.DictConfig",
  "omegaconf.listconfig.ListConfig",
  "omegaconf.nodes.AnyNode",
  "pathlib.Path",
  "pathlib.PosixPath",
  "pathlib.PurePosixPath",
  "pathlib.PureWindowsPath",
  "pathlib.WindowsPath",
  "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint",
  "pytorch_lightning.utilities.parsing.AttributeDict",
  "torch.Tensor",
  "torch.device",
  "torch.nn.parameter.Parameter",
  "torch.serialization._get_layout",
  "types.SimpleNamespace",
  "typing.Any",
  "yacs.config.CfgNode",
]);

/** The name of a global in Python 3's words. */
export function globalName(module: string, name: string): string {
  const known: Readonly<Record<string, string>> = { __builtin__: "builtins", copy_reg: "copyreg" };
  return `${Object.hasOwn(known, module) ? known[module] : module}.${name}`;
}

/** Whether a checkpoint may name it. */
export function isAllowed(name: string): boolean {
  return (
    builders.has(name) ||
    byStorage.has(name) ||
    byDtype.has(name) ||
    UNTYPED.has(name) ||
    RECORDS.has(name)
  );
}

/** What a call of `name` gives: data where we know it, else a record. @throws PickleMismatch */
export function callGlobal(
  name: string,
  args: readonly PickleValue[],
  spend: (count: number) => void,
): PickleValue {
  return builders.get(name)?.(args, spend) ?? new PickleObject(name, args);
}

/** `("storage", type, key, location, count)` of a persistent id. @throws PickleMismatch */
export function persistentStorage(id: PickleValue): PickleStorage {
  const [kind, type, key, , count, part = null] = Array.isArray(id) ? id : [];
  const expected = "a storage's type, key and size";
  if (kind !== "storage" || !(type instanceof PickleGlobal) || typeof key !== "string") {
    throw new PickleMismatch(expected, kindOf(id));
  }
  // files before PyTorch 0.4 could cut storages out of others
  if (part !== null) throw new PickleMismatch("a whole storage", "a part of another");
  const untyped = UNTYPED.has(type.name);
  const known = byStorage.get(type.name);
  if (!known && !untyped) throw new PickleMismatch("a type of storage", kindOf(type));
  return new PickleStorage(key, known ?? null, size(count, "a storage's size"));
}

function view(
  storage: PickleStorage,
  type: StorageType,
  [offset, shape, strides]: readonly (PickleValue | undefined)[],
  spend: (count: number) => void,
): PickleTensor {
  const sizes = (value: PickleValue | undefined, what: string): number[] => {
    // PyTorch's own limit
    if (!Array.isArray(value) || value.length > 64) {
      throw new PickleMismatch(`${what} of at most 64 axes`, kindOf(value));
    }
    spend(value.length);
    return value.map((item) => size(item, what));
  };
  const made = {
    offset: size(offset, "a tensor's offset"),
    shape: sizes(shape, "a tensor's shape"),
    strides: sizes(strides, "a tensor's strides"),
  };
  if (made.shape.length !== made.strides.length) {
    throw new PickleMismatch(`${made.shape.length} strides`, String(made.strides.length));
  }
  return new PickleTensor(storage, type, made);
}

function size(value: PickleValue | undefined, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PickleMismatch(
    `${what} from 0 to 2^53`,
    typeof value === "number" ? String(value) : kindOf(value),
  );
}
