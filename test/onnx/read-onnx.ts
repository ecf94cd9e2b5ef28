/**
 * A reader of ONNX files that shares nothing with the writer: it knows the wire format of protocol
 * buffers and the field numbers of onnx.proto.
 */

export interface OnnxAttributeValue {
  readonly type: "float" | "int" | "string" | "floats" | "ints" | "strings" | "other";
  readonly value: number | string | readonly number[] | readonly string[] | undefined;
}

export interface OnnxNode {
  readonly name: string;
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttributeValue>;
}

export interface OnnxTensor {
  readonly name: string;
  /** `TensorProto.DataType` */
  readonly dtype: number;
  readonly dims: readonly number[];
  readonly bytes: Uint8Array;
}

export interface OnnxValue {
  readonly name: string;
  readonly kind: "tensor" | "sequence";
  readonly dtype: number;
  /** A name stands for a size that is known only when the graph runs. */
  readonly dims: readonly (number | string)[];
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producer: string;
  /** Version by domain; the default domain is "". */
  readonly opsets: ReadonlyMap<string, number>;
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

/** A field's value: a number of up to 64 bits, or bytes. */
type Value = bigint | Uint8Array;

/** The fields of a message in the order of the file, by number. */
class Fields {
  readonly #values = new Map<number, Value[]>();

  constructor(bytes: Uint8Array) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined || shift > 63n) throw new Error("a broken number");
        value |= BigInt(byte & 127) << shift;
        if (byte < 128) return BigInt.asUintN(64, value);
      }
    };
    const take = (length: number): Uint8Array => {
      if (at + length > bytes.length) throw new Error("a field beyond the end of its message");
      at += length;
      return bytes.subarray(at - length, at);
    };
    while (at < bytes.length) {
      const tag = Number(varint());
      const wire = tag & 7;
      const field = tag >>> 3;
      if (field === 0) throw new Error("field number 0");
      if (wire === 0) this.#add(field, varint());
      else if (wire === 1) this.#add(field, take(8));
      else if (wire === 2) this.#add(field, take(Number(varint())));
      else if (wire === 5) this.#add(field, take(4));
      else throw new Error(`wire type ${wire}`);
    }
  }

  #add(field: number, value: Value): void {
    const list = this.#values.get(field);
    if (list) list.push(value);
    else this.#values.set(field, [value]);
  }

  has(field: number): boolean {
    return this.#values.has(field);
  }

  integers(field: number): number[] {
    return this.#all(field).map((value) => {
      if (typeof value !== "bigint") throw new Error(`field ${field} is no number`);
      return Number(BigInt.asIntN(64, value));
    });
  }

  integer(field: number): number {
    return this.integers(field).at(-1) ?? 0;
  }

  bytes(field: number): Uint8Array[] {
    return this.#all(field).map((value) => {
      if (typeof value === "bigint") throw new Error(`field ${field} is a number`);
      return value;
    });
  }

  texts(field: number): string[] {
    return this.bytes(field).map((bytes) => new TextDecoder("utf8", { fatal: true }).decode(bytes));
  }

  text(field: number): string {
    return this.texts(field).at(-1) ?? "";
  }

  floats(field: number): number[] {
    return this.bytes(field).map((b) =>
      new DataView(b.buffer, b.byteOffset, 4).getFloat32(0, true),
    );
  }

  messages(field: number): Fields[] {
    return this.bytes(field).map((bytes) => new Fields(bytes));
  }

  message(field: number): Fields {
    const found = this.messages(field).at(-1);
    if (!found) throw new Error(`field ${field} is missing`);
    return found;
  }

  #all(field: number): readonly Value[] {
    return this.#values.get(field) ?? [];
  }
}

/** @throws Error if the bytes are no ONNX model. */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const model = new Fields(bytes);
  const graph = model.message(7);
  return {
    irVersion: model.integer(1),
    producer: model.text(2),
    opsets: new Map(model.messages(8).map((opset) => [opset.text(1), opset.integer(2)])),
    name: graph.text(2),
    nodes: graph.messages(1).map(node),
    initializers: graph.messages(5).map(tensor),
    inputs: graph.messages(11).map(value),
    outputs: graph.messages(12).map(value),
  };
}

function node(fields: Fields): OnnxNode {
  return {
    inputs: fields.texts(1),
    outputs: fields.texts(2),
    name: fields.text(3),
    type: fields.text(4),
    attributes: new Map(fields.messages(5).map((field) => [field.text(1), attribute(field)])),
    domain: fields.text(7),
  };
}

function attribute(fields: Fields): OnnxAttributeValue {
  const type = fields.integer(20);
  if (type === 1) return { type: "float", value: fields.floats(2)[0] };
  if (type === 2) return { type: "int", value: fields.integer(3) };
  if (type === 3) return { type: "string", value: fields.text(4) };
  if (type === 6) return { type: "floats", value: fields.floats(7) };
  if (type === 7) return { type: "ints", value: fields.integers(8) };
  if (type === 8) return { type: "strings", value: fields.texts(9) };
  return { type: "other", value: undefined };
}

function tensor(fields: Fields): OnnxTensor {
  return {
    dims: fields.integers(1),
    dtype: fields.integer(2),
    name: fields.text(8),
    bytes: fields.bytes(9)[0] ?? new Uint8Array(),
  };
}

function value(fields: Fields): OnnxValue {
  const type = fields.message(2);
  const sequence = type.has(4);
  const inner = sequence ? type.message(4).message(1).message(1) : type.message(1);
  const dims = inner.has(2) ? inner.message(2).messages(1) : [];
  return {
    name: fields.text(1),
    kind: sequence ? "sequence" : "tensor",
    dtype: inner.integer(1),
    dims: dims.map((dim) => (dim.has(2) ? dim.text(2) : dim.integer(1))),
  };
}
