/** From traced tensors to the bytes of an ONNX model. */
import { ConfigError, DtypeError, ShapeError } from "../../errors.ts";
import { type FileValues, lieInFile } from "../../floats.ts";
import { equalShapes, shapeText } from "../dim.ts";
import { allocate, bytesOfValues, type Dtype, type TypedArray } from "../dtype.ts";
import type { Emitter, NodeOptions, Target } from "../emitter.ts";
import type { Node, Tensor } from "../node.ts";
import type { Op } from "../op.ts";
import {
  type ConstantAttributes,
  constantOp,
  type InputAttributes,
  inputOp,
  parameterOp,
} from "../ops/source.ts";
import { emissionOrder } from "./emission-order.ts";
import { commonFolder, type ExternalConstant, externalTensorMessage } from "./external.ts";
import {
  bytesOf,
  modelMessage,
  nodeMessage,
  sequenceMessage,
  tensorMessage,
  valueMessage,
} from "./messages.ts";
import { NarrowingEmitter, type NarrowingTarget } from "./narrowing.ts";
import { type NodeRecord, ValueRecords } from "./node-record.ts";
import { Message } from "./protobuf.ts";

export interface ModelDescription {
  readonly name: string;
  /** Results by name; the names become those of the file's outputs. */
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly target: Target;
  /** Parameters that become constants of the file; the others become inputs. */
  readonly constants?: ReadonlyMap<string, TypedArray | FileValues>;
  /** Tensors that become inputs under these names, instead of being computed. */
  readonly given?: ReadonlyMap<Tensor, string>;
  /** See `Emitter.unpacked`. */
  readonly unpacked?: boolean;
  /** Write products, and what stands between them, in float16 (`onnx/narrowing.ts`). */
  readonly narrow?: boolean;
  /** Adds a first output that no binding can convert: see runtime/stop-output.ts. */
  readonly stopOutput?: string;
}

export interface WrittenModel {
  readonly bytes: Uint8Array;
  /** What has to be fed, by name. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  /** The nodes of the file, in its order. */
  readonly nodes: readonly NodeRecord[];
  /** Where the files lie in which constants have stayed, if any have. */
  readonly fileFolder?: string;
  /** Their paths. */
  readonly files: readonly string[];
  /** Of all constants, wherever they lie. */
  readonly constantBytes: number;
}

/** What a protocol buffer may hold. */
const LARGEST_MODEL = 2 ** 31 - 1;

/** Constants up to this many bytes are compared by content, larger ones by identity. */
const COMPARED_BYTES = 16_384;
/** A letter for each byte, no two the same. */
const byteLetters = new TextDecoder("latin1");

class GraphWriter implements NarrowingTarget {
  readonly target: Target;
  readonly nodeMessages: Message[] = [];
  readonly records: NodeRecord[] = [];
  readonly values: ValueRecords = new ValueRecords();
  readonly initializers = new Map<string, Message | ExternalConstant>();
  readonly unpacked: boolean;
  contrib = false;
  constantBytes = 0;
  /** Names the nodes of the op being written. */
  scope = "";
  /** The node of the traced graph that is being written. */
  source: Node | undefined;
  readonly #constants = new Map<string | TypedArray | FileValues, string>();
  readonly #taken: ReadonlySet<string>;
  #counter = 0;

  /** @param taken names of inputs and results */
  constructor(target: Target, unpacked: boolean, taken: ReadonlySet<string>) {
    this.target = target;
    this.unpacked = unpacked;
    this.#taken = taken;
  }

  dtypeOf(value: string): Dtype | undefined {
    return this.values.get(value)?.dtype;
  }

  declareNarrow(name: string, wide: string): void {
    const shape = this.values.get(wide)?.shape;
    this.values.add({ name, dtype: "float16", ...(shape && { shape }) });
  }

  /** Constants that some node reads: those in float16 may stand for their float32 form. */
  usedInitializers(): Pick<WrittenModel, "fileFolder" | "files"> & {
    readonly messages: Message[];
  } {
    const read = new Set(this.records.flatMap(({ inputs }) => inputs.map(({ name }) => name)));
    const used = [...this.initializers].filter(([name]) => read.has(name));
    const kept = used.flatMap(([, one]) => (one instanceof Message ? [] : one.values));
    const fileFolder = kept.length > 0 ? commonFolder(kept.map(({ folder }) => folder)) : undefined;
    const files = [...new Set(kept.map(({ folder, name }) => `${folder}/${name}`))];
    const messages = used.map(([name, one]) =>
      one instanceof Message ? one : externalTensorMessage(name, one, fileFolder!),
    );
    return { messages, files, ...(fileFolder !== undefined && { fileFolder }) };
  }

  temporary(): string {
    return this.#fresh("t");
  }

  #fresh(prefix: string): string {
    const name = `${prefix}${this.#counter++}`;
    return this.#taken.has(name) ? this.#fresh(prefix) : name;
  }

  node(type: string, inputs: readonly string[], output?: string, options?: NodeOptions): string {
    const name = output ?? this.temporary();
    this.nodes(type, inputs, [name], options);
    return name;
  }

  nodes(
    type: string,
    inputs: readonly string[],
    outputs: readonly string[],
    options?: NodeOptions,
  ): void {
    if (options?.domain) this.contrib = true;
    const name = `${this.scope}${type}_${this.#counter++}`;
    this.nodeMessages.push(nodeMessage(name, type, inputs, outputs, options));
    this.records.push(this.values.record(name, type, inputs, outputs, options, this.source));
  }

  constant(dtype: Dtype, shape: readonly number[], data: TypedArray): string {
    const small = data.byteLength <= COMPARED_BYTES;
    const key = small ? `${dtype}[${shape.join()}]${byteLetters.decode(bytesOf(data))}` : data;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh("c");
    this.#constants.set(key, name);
    this.constantBytes += data.byteLength;
    this.values.add({ name, dtype, shape });
    this.initializers.set(name, tensorMessage(name, dtype, shape, data));
    return name;
  }

  /** A constant that stays in its file. */
  external(shape: readonly number[], values: FileValues): string {
    const known = this.#constants.get(values);
    if (known !== undefined) return known;
    const name = this.#fresh("c");
    this.#constants.set(values, name);
    this.constantBytes += bytesOfValues(values);
    this.values.add({ name, dtype: values.dtype, shape });
    this.initializers.set(name, { shape, values });
    return name;
  }

  scalar(value: number): string {
    return this.constant("float32", [], Float32Array.of(value));
  }

  ints(values: readonly number[]): string {
    return this.constant("int64", [values.length], BigInt64Array.from(values.map(BigInt)));
  }
}

const is = (node: Node, op: unknown): boolean => node.op === op;

/**
 * Writes the graph that the outputs reach as an ONNX model.
 *
 * @throws ShapeError if a constant parameter has another size than the graph expects, or two
 * inputs of one name differ; DtypeError if it has another dtype; ConfigError if a result is named
 * like an input, constants in memory exceed 2 GB, or those in files lie on several drives.
 */
export function writeModel(description: ModelDescription): WrittenModel {
  const given = description.given ?? new Map<Tensor, string>();
  const nodes = emissionOrder([...description.outputs.values()], new Set(given.keys()));
  const { target, unpacked = false } = description;
  const writer = new GraphWriter(target, unpacked, takenNames(nodes, description));
  const narrowing = description.narrow ? new NarrowingEmitter(writer) : undefined;
  const emitter: Emitter = narrowing ?? writer;
  const names = new Map<Tensor, string>(given);
  const inputs = new Map([...given].map(([tensor, name]) => [name, tensor]));
  for (const [name, { dtype, shape }] of inputs) writer.values.add({ name, dtype, shape });
  const results = resultNames(description.outputs);
  for (const node of nodes) {
    if (is(node, constantOp)) {
      const { dtype, shape, data } = node.attributes as ConstantAttributes;
      names.set(node.outputs[0]!, emitter.constant(dtype, shape, data));
    } else if (is(node, inputOp) || is(node, parameterOp)) {
      names.set(node.outputs[0]!, declare(node, { writer, emitter }, inputs, description));
    } else if ((node.op as Op).alias) {
      node.outputs.forEach((output, i) => {
        names.set(output, names.get(node.inputs[i]!)!);
      });
    } else {
      emit(node, { writer, emitter }, names, results);
    }
  }
  writer.source = undefined;
  for (const [name, tensor] of description.outputs) {
    // an input, a constant, or a value that is already another output
    if (names.get(tensor) !== name) emitter.node("Identity", [names.get(tensor)!], name);
    narrowing?.widened(name);
  }
  const finished = finish(writer, inputs, description);
  return { ...finished, inputs, nodes: writer.records, constantBytes: writer.constantBytes };
}

function takenNames(
  nodes: readonly Node[],
  { name, outputs, given }: ModelDescription,
): ReadonlySet<string> {
  const sources = nodes.filter((node) => is(node, inputOp) || is(node, parameterOp));
  const inputs = new Set(sources.map((node) => (node.attributes as InputAttributes).name));
  for (const name of given?.values() ?? []) inputs.add(name);
  const both = [...outputs.keys()].filter((result) => inputs.has(result));
  if (both.length === 0) return new Set([...inputs, ...outputs.keys()]);
  throw new ConfigError({
    where: name,
    expected: "results with other names than the inputs",
    got: both.join(", "),
  });
}

/** Results get their final names where they are made: an extra Identity would copy them. */
function resultNames(outputs: ReadonlyMap<string, Tensor>): Map<Tensor, string> {
  const names = new Map<Tensor, string>();
  for (const [name, tensor] of outputs) {
    let source = tensor;
    while ((source.node.op as Op).alias) source = source.node.inputs[source.output]!;
    if (!names.has(source)) names.set(source, name);
  }
  return names;
}

/** The file, and what ops write to it through. */
interface Writing {
  readonly writer: GraphWriter;
  readonly emitter: Emitter;
}

function declare(
  node: Node,
  { writer, emitter }: Writing,
  inputs: Map<string, Tensor>,
  { constants }: ModelDescription,
): string {
  const { name, dtype, shape } = node.attributes as InputAttributes;
  const data = constants?.get(name);
  if (!is(node, parameterOp) || !data) {
    const tensor = node.outputs[0]!;
    requireSame(name, inputs.get(name) ?? tensor, tensor);
    inputs.set(name, tensor);
    writer.values.add({ name, dtype, shape });
    return name;
  }
  const size = (shape as number[]).reduce((product, dim) => product * dim, 1);
  if (data.length !== size) {
    throw new ShapeError({
      where: name,
      expected: `${size} values for [${shape.join(", ")}]`,
      got: `${data.length}`,
    });
  }
  const fits = lieInFile(data)
    ? data.dtype === dtype
    : data.constructor === allocate(dtype, 0).constructor;
  if (!fits) {
    const got = lieInFile(data) ? data.dtype : data.constructor.name;
    throw new DtypeError({ where: name, expected: dtype, got });
  }
  if (lieInFile(data)) return writer.external(shape as number[], data);
  return emitter.constant(dtype, shape as number[], data);
}

function requireSame(name: string, known: Tensor, again: Tensor): void {
  if (known.dtype === again.dtype && equalShapes(known.shape, again.shape)) return;
  throw new ShapeError({
    where: name,
    expected: `${known.dtype} ${shapeText(known.shape)} as in another place of the graph`,
    got: `${again.dtype} ${shapeText(again.shape)}`,
  });
}

function emit(
  node: Node,
  { writer, emitter }: Writing,
  names: Map<Tensor, string>,
  results: ReadonlyMap<Tensor, string>,
): void {
  for (const output of node.outputs) {
    const name = results.get(output) ?? writer.temporary();
    names.set(output, name);
    writer.values.add({ name, dtype: output.dtype, shape: output.shape });
  }
  const parameter = node.inputs.find((input) => is(input.node, parameterOp));
  const path = parameter && (parameter.node.attributes as InputAttributes).name;
  writer.scope = path ? `${path}/` : "";
  writer.source = node;
  (node.op as Op).emit(emitter, {
    inputs: node.inputs.map((input) => names.get(input)!),
    outputs: node.outputs.map((output) => names.get(output)!),
    attributes: node.attributes,
    node,
  });
}

function finish(
  writer: GraphWriter,
  inputs: ReadonlyMap<string, Tensor>,
  { name, outputs, stopOutput }: ModelDescription,
): Pick<WrittenModel, "bytes" | "fileFolder" | "files"> {
  const declared = (values: ReadonlyMap<string, Tensor>) =>
    [...values].map(([key, { dtype, shape }]) => valueMessage(key, dtype, shape));
  const results = declared(outputs);
  if (stopOutput) {
    writer.node("SequenceEmpty", [], stopOutput);
    results.unshift(sequenceMessage(stopOutput));
  }
  const { messages, ...rest } = writer.usedInitializers();
  const graph = {
    name,
    nodes: writer.nodeMessages,
    initializers: messages,
    inputs: declared(inputs),
    outputs: results,
  };
  const message = modelMessage(graph, writer.contrib);
  if (message.length > LARGEST_MODEL) {
    throw new ConfigError({
      where: name,
      expected: "a graph with constants of at most 2 GB; those that stay in files do not count",
      got: `${(message.length / 1e9).toFixed(2)} GB`,
      hint: "Use --weights int4, or fp32, whose matrices stay in their file.",
    });
  }
  return { bytes: message.finish(), ...rest };
}
