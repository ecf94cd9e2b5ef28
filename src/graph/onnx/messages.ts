/** The messages of the ONNX file format that Ordo writes; field numbers from onnx.proto. */
import { type Dim, dimText, type Shape } from "../dim.ts";
import { type Dtype, onnxCode, type TypedArray } from "../dtype.ts";
import type { NodeOptions, OnnxAttribute } from "../emitter.ts";
import { Message } from "./protobuf.ts";

export function bytesOf(data: TypedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** TensorProto */
export function tensorMessage(
  name: string,
  dtype: Dtype,
  shape: readonly number[],
  data: TypedArray,
): Message {
  const message = new Message();
  for (const size of shape) message.integer(1, size);
  return message.integer(2, onnxCode(dtype)).text(8, name).bytes(9, bytesOf(data));
}

function dimension(dim: Dim): Message {
  const message = new Message();
  return typeof dim === "number" ? message.integer(1, dim) : message.text(2, dimText(dim));
}

/** ValueInfoProto of a tensor */
export function valueMessage(name: string, dtype: Dtype, shape: Shape): Message {
  const dims = new Message();
  for (const dim of shape) dims.message(1, dimension(dim));
  const tensorType = new Message().integer(1, onnxCode(dtype)).message(2, dims);
  return new Message().text(1, name).message(2, new Message().message(1, tensorType));
}

/** ValueInfoProto of a sequence of float tensors */
export function sequenceMessage(name: string): Message {
  const element = new Message().message(1, new Message().integer(1, onnxCode("float32")));
  const type = new Message().message(4, new Message().message(1, element));
  return new Message().text(1, name).message(2, type);
}

// AttributeProto.AttributeType
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;

function attributeMessage(name: string, value: OnnxAttribute): Message {
  const message = new Message().text(1, name);
  if ("float" in value) return message.float(2, value.float).integer(20, FLOAT);
  if ("int" in value) return message.integer(3, value.int).integer(20, INT);
  if ("text" in value) return message.text(4, value.text).integer(20, STRING);
  for (const item of value.ints) message.integer(8, item);
  return message.integer(20, INTS);
}

/** NodeProto */
export function nodeMessage(
  name: string,
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  { attributes = {}, domain }: NodeOptions = {},
): Message {
  const message = new Message();
  for (const input of inputs) message.text(1, input);
  for (const output of outputs) message.text(2, output);
  message.text(3, name).text(4, type);
  for (const [key, value] of Object.entries(attributes)) {
    message.message(5, attributeMessage(key, value));
  }
  return domain ? message.text(7, domain) : message;
}

export interface GraphParts {
  readonly name: string;
  readonly nodes: readonly Message[];
  readonly initializers: readonly Message[];
  readonly inputs: readonly Message[];
  readonly outputs: readonly Message[];
}

/** ModelProto. Opset 21 is the base that every provider of the engine takes. */
export function modelMessage(graph: GraphParts, contrib: boolean): Message {
  const body = new Message();
  for (const node of graph.nodes) body.message(1, node);
  body.text(2, graph.name);
  for (const initializer of graph.initializers) body.message(5, initializer);
  for (const input of graph.inputs) body.message(11, input);
  for (const output of graph.outputs) body.message(12, output);
  const model = new Message().integer(1, 10).text(2, "ordo").message(7, body);
  model.message(8, new Message().text(1, "").integer(2, 21));
  if (contrib) model.message(8, new Message().text(1, "com.microsoft").integer(2, 1));
  return model;
}
