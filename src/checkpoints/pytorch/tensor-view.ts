/** Reading tensors that look into storages with an offset and strides. */

import { CheckpointError } from "../../errors.ts";
import { type OpenFile, readBytes } from "../read-bytes.ts";
import { elementBytes, type TensorData, type TensorDtype, viewBytes } from "../tensor-data.ts";
import { type PickleTensor, shortName } from "./pickle-values.ts";

/** Raw numbers somewhere in the file. */
export interface StorageBytes {
  readonly size: number;
  /** Position of the first byte in the file. @throws CheckpointError */
  start(): Promise<number>;
}

/** A tensor whose sizes fit its storage; offset and strides count elements. */
export interface TensorView {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** Elements, exact. */
  readonly count: number;
  readonly storage: StorageBytes;
}

/** More than this is read at once only if most of it is wanted. */
const SPAN_BYTES = 1 << 26;

/** A tensor of the pickle as a view of its storage. @throws CheckpointError naming `where` */
export function checkedView(
  tensor: PickleTensor,
  storages: (key: string) => StorageBytes | null,
  where: string,
): TensorView {
  const fail = (expected: string, got: string): never => {
    throw new CheckpointError({ where, expected, got, hint: "The file is damaged" });
  };
  const { type, storage: declared, offset, shape, strides } = tensor;
  const { dtype } = type;
  if (!dtype) {
    const hint = "Ordo reads floats up to 64 bits, integers and booleans";
    const facts = { where, expected: "a plain number type", got: `torch.${type.name}`, hint };
    throw new CheckpointError(facts);
  }
  const key = JSON.stringify(shortName(declared.key));
  const storage = storages(declared.key) ?? fail(`the storage ${key}`, "none");
  const ofStorage = declared.type?.dtype ? elementBytes(declared.type.dtype) : 1;
  const bytes = declared.count * ofStorage;
  if (storage.size !== bytes) {
    fail(`${bytes} bytes in the storage ${key}`, `${storage.size} bytes`);
  }
  const text = `[${shape.join(", ")}]`;
  const count = exactProduct(shape) ?? fail("fewer than 2^53 elements", text);
  const end = count === 0 ? offset : lastElement(offset, shape, strides) + 1;
  const room = Math.floor(storage.size / elementBytes(dtype));
  if (!(end <= room)) {
    fail(`${text} to end within the ${room} elements of the storage ${key}`, `an end at ${end}`);
  }
  return { dtype, shape, strides, offset, count, storage };
}

/** Loads a tensor, in row-major order whatever its strides are. @throws CheckpointError */
export async function readView(file: OpenFile, view: TensorView): Promise<TensorData> {
  const { dtype, shape, count, offset } = view;
  const width = elementBytes(dtype);
  if (count === 0) return { dtype, shape, data: viewBytes(dtype, new ArrayBuffer(0)) };
  const start = (await view.storage.start()) + offset * width;
  if (isContiguous(view)) {
    return { dtype, shape, data: viewBytes(dtype, await readBytes(file, start, count * width)) };
  }
  const target = new ArrayBuffer(count * width);
  await gather(file, start, width, axesOf(view), bitsOf(width, target), 0);
  return { dtype, shape, data: viewBytes(dtype, target) };
}

/** Whether the elements lie in the file as they should lie in memory. */
function isContiguous({ shape, strides }: TensorView): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** Axes with more than one element, the widest step first, with strides in storage and result. */
function axesOf({ shape, strides }: TensorView): Axis[] {
  let to = 1;
  const axes: Axis[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!;
    if (size !== 1) axes.push({ size, from: strides[axis]!, to });
    to *= size;
  }
  return axes.sort((a, b) => b.from - a.from);
}

type Bits = Uint8Array | Uint16Array | Uint32Array | BigUint64Array;

/** Elements as integers: copied as floats, some values that are not numbers would change. */
function bitsOf(width: number, buffer: ArrayBuffer): Bits {
  if (width === 1) return new Uint8Array(buffer);
  if (width === 2) return new Uint16Array(buffer);
  return width === 4 ? new Uint32Array(buffer) : new BigUint64Array(buffer);
}

/** Reads what `axes` cover and puts it in its place; part by part where much lies in between. */
async function gather(
  file: OpenFile,
  start: number,
  width: number,
  axes: readonly Axis[],
  target: Bits,
  at: number,
): Promise<void> {
  const span = 1 + axes.reduce((sum, { size, from }) => sum + (size - 1) * from, 0);
  const wanted = axes.reduce((product, { size }) => product * size, 1);
  const [widest, ...rest] = axes;
  if (!widest || span * width <= Math.max(SPAN_BYTES, 2 * wanted * width)) {
    copy(bitsOf(width, await readBytes(file, start, span * width)), 0, axes, target, at);
    return;
  }
  for (let i = 0; i < widest.size; i++) {
    const begin = start + i * widest.from * width;
    await gather(file, begin, width, rest, target, at + i * widest.to);
  }
}

function copy(source: Bits, from: number, axes: readonly Axis[], target: Bits, to: number): void {
  const [axis, ...rest] = axes;
  if (!axis) {
    target[to] = source[from]!;
    return;
  }
  for (let i = 0; i < axis.size; i++) {
    if (rest.length > 0) copy(source, from + i * axis.from, rest, target, to + i * axis.to);
    else target[to + i * axis.to] = source[from + i * axis.from]!;
  }
}

function exactProduct(shape: readonly number[]): number | null {
  // zero first: no order of factors may overflow on the way to nothing
  if (shape.includes(0)) return 0;
  let product = 1;
  for (const size of shape) {
    product *= size;
    if (!Number.isSafeInteger(product * 8)) return null;
  }
  return product;
}

function lastElement(offset: number, shape: readonly number[], strides: readonly number[]): number {
  return shape.reduce((last, size, axis) => last + (size - 1) * strides[axis]!, offset);
}
