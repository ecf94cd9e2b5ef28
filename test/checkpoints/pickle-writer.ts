/** Pickles for tests, as torch.save writes them (protocol 2). */

/** A tensor: a view of a storage by offset and strides, in elements. */
export class TorchTensor {
  readonly storage: string;
  readonly type: string;
  readonly count: number;
  readonly view: {
    readonly offset: number;
    readonly shape: readonly number[];
    readonly strides: readonly number[];
  };

  /** @param type class of the storage: `FloatStorage`. @param count elements of the storage. */
  constructor(
    storage: string,
    type: string,
    count: number,
    shape: readonly number[],
    {
      offset = 0,
      strides = rowMajor(shape),
    }: { offset?: number; strides?: readonly number[] } = {},
  ) {
    this.storage = storage;
    this.type = type;
    this.count = count;
    this.view = { offset, shape, strides };
  }
}

/** A call of a global: `new Call("os.system", ["ls"])`, with a state for BUILD. */
export class Call {
  readonly name: string;
  readonly args: readonly Picklable[];
  readonly state: Picklable | undefined;

  constructor(name: string, args: readonly Picklable[], state?: Picklable) {
    this.name = name;
    this.args = args;
    this.state = state;
  }
}

export class Tuple {
  readonly items: readonly Picklable[];

  constructor(items: readonly Picklable[]) {
    this.items = items;
  }
}

export type Picklable =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Picklable[]
  | { readonly [key: string]: Picklable }
  | Map<Picklable, Picklable>
  | TorchTensor
  | Call
  | Tuple;

export function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...shape].reverse()) {
    strides.unshift(stride);
    stride *= size;
  }
  return strides;
}

/** One pickle. @param legacy whether persistent ids have the sixth member of old files */
export function pickle(value: Picklable, { legacy = false }: { legacy?: boolean } = {}): Buffer {
  return Buffer.concat([Buffer.of(0x80, 2), write(value, legacy), Buffer.from(".")]);
}

function write(value: Picklable, legacy: boolean): Buffer {
  const items = (list: readonly Picklable[]) =>
    Buffer.concat(list.map((one) => write(one, legacy)));
  if (value === null) return Buffer.from("N");
  if (typeof value === "boolean") return Buffer.of(value ? 0x88 : 0x89);
  if (typeof value === "string") return text(value);
  if (typeof value === "bigint") return long(value);
  if (typeof value === "number") return number(value);
  if (value instanceof TorchTensor) return tensor(value, legacy);
  if (value instanceof Tuple) return wrapped("(", items(value.items), "t");
  if (value instanceof Call) {
    const made = Buffer.concat([
      named(value.name),
      wrapped("(", items(value.args), "t"),
      ascii("R"),
    ]);
    if (value.state === undefined) return made;
    return Buffer.concat([made, write(value.state, legacy), ascii("b")]);
  }
  if (Array.isArray(value)) return wrapped("](", items(value), "e");
  const pairs = value instanceof Map ? [...value] : Object.entries(value);
  return wrapped("}(", items(pairs.flat() as Picklable[]), "u");
}

function tensor({ storage, type, count, view }: TorchTensor, legacy: boolean): Buffer {
  const id = wrapped(
    "(",
    Buffer.concat([
      text("storage"),
      named(`torch.${type}`),
      text(storage),
      text("cpu"),
      number(count),
      ...(legacy ? [ascii("N")] : []),
    ]),
    "tQ",
  );
  const sizes = (list: readonly number[]) => wrapped("(", Buffer.concat(list.map(number)), "t");
  return Buffer.concat([
    named("torch._utils._rebuild_tensor_v2"),
    ascii("("),
    id,
    number(view.offset),
    sizes(view.shape),
    sizes(view.strides),
    Buffer.of(0x89),
    named("collections.OrderedDict"),
    ascii(")RtR"),
  ]);
}

function named(name: string): Buffer {
  const dot = name.lastIndexOf(".");
  return ascii(`c${name.slice(0, dot)}\n${name.slice(dot + 1)}\n`);
}

function number(value: number): Buffer {
  if (!Number.isInteger(value)) {
    const bytes = Buffer.alloc(9, "G");
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (value >= 0 && value < 256) return Buffer.of(0x4b, value);
  if (value !== (value | 0)) return long(BigInt(value));
  const bytes = Buffer.alloc(5, "J");
  bytes.writeInt32LE(value, 1);
  return bytes;
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(18);
  bytes[0] = 0x8a;
  bytes[1] = 16;
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 2);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value >> 64n), 10);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.alloc(5, "X");
  head.writeUInt32LE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function wrapped(open: string, inner: Buffer, close: string): Buffer {
  return Buffer.concat([ascii(open), inner, ascii(close)]);
}

function ascii(value: string): Buffer {
  return Buffer.from(value, "latin1");
}
