/** Reading and adding at positions that are themselves tensors. Positions carry no gradient. */

import { ShapeError } from "../../errors.ts";
import { type Shape, shapeText, sizeOf } from "../dim.ts";
import type { Dtype } from "../dtype.ts";
import type { Emitter } from "../emitter.ts";
import type { Node, Tensor } from "../node.ts";
import { apply, type Op, requireDtype, requireRank } from "../op.ts";
import { zeros } from "./layout.ts";

type NoAttributes = Record<never, never>;

/** Rows of a table: y[…, :] = table[ids[…], :]. */
export const lookupOp: Op<NoAttributes> = {
  name: "lookup",
  infer: ([table, ids]) => {
    requireRank("lookup", table!, 2);
    requireDtype("lookup", ids!, "int32", "int64");
    return [{ dtype: table!.dtype, shape: [...ids!.shape, table!.shape[1]!] }];
  },
  emit: (emitter, { inputs, outputs }) => {
    emitter.node("Gather", inputs, outputs[0]!, { attributes: { axis: { int: 0 } } });
  },
  // a row read twice collects both gradients
  gradient: ({ g, inputs: [table, ids] }) => [
    apply(scatterAddRowsOp, [ids!, g], { shape: table!.shape }),
    undefined,
  ],
};

/** An embedding, or ids turned back into codes. table [V, C], ids [...] → [..., C]. */
export function lookup(table: Tensor, ids: Tensor): Tensor {
  return apply(lookupOp, [table, ids], {});
}

/** Zeros of the given shape with rows added at ids: the gradient of `lookup`. */
export const scatterAddRowsOp: Op<{ readonly shape: Shape }> = {
  name: "scatterAddRows",
  infer: ([, updates], { shape }) => [{ dtype: updates!.dtype, shape }],
  emit: (emitter, { inputs: [ids, updates], outputs, attributes: { shape }, node }) => {
    const [size, width] = shape as [number, number];
    const rows = emitter.node("Reshape", [updates!, emitter.ints([-1, width])]);
    if (emitter.target === "cpu") {
      emitSerialScatter(emitter, [ids!, rows], outputs[0]!, { node, size, width });
      return;
    }
    const positions = positionsOf(emitter, ids!, node.inputs[0]!);
    emitScatter(emitter, [zeroRows(emitter, size, width), positions, rows], outputs[0]!);
  },
  gradient: ({ g, inputs: [ids] }) => [undefined, lookup(g, ids!)],
};

export function scatterAddRows(ids: Tensor, updates: Tensor, shape: Shape): Tensor {
  return apply(scatterAddRowsOp, [ids, updates], { shape });
}

/**
 * ScatterND of this many elements runs on one thread. With several threads the CPU provider loses
 * additions to a row that two of them meet in (seen from 262 144 elements on, ONNX Runtime 1.30).
 */
const SERIAL_ELEMENTS = 65_536;
const LEAST_COLUMNS = 4;

interface ScatterFacts {
  readonly node: Node;
  /** Rows and columns of the table. */
  readonly size: number;
  readonly width: number;
}

/** The CPU form: blocks of columns, each small enough for one thread. */
function emitSerialScatter(
  emitter: Emitter,
  [ids, rows]: readonly [string, string],
  output: string,
  { node, size, width }: ScatterFacts,
): void {
  const count = sizeOf(node.inputs[0]!.shape);
  const columns = typeof count === "number" ? Math.floor(SERIAL_ELEMENTS / count) : 0;
  if (columns < Math.min(LEAST_COLUMNS, width)) {
    // serial whatever its size, but twenty times slower
    const places = emitter.node("Expand", [column(emitter, ids), emitter.ints([1, width])]);
    const attributes = { axis: { int: 0 }, reduction: { text: "add" } };
    const zeros = zeroRows(emitter, size, width);
    emitter.node("ScatterElements", [zeros, places, rows], output, { attributes });
    return;
  }
  const positions = positionsOf(emitter, ids, node.inputs[0]!);
  if (columns >= width) {
    emitScatter(emitter, [zeroRows(emitter, size, width), positions, rows], output);
    return;
  }
  const widths = Array.from({ length: Math.ceil(width / columns) }, (_, i) =>
    Math.min(columns, width - i * columns),
  );
  const blocks = widths.map(() => emitter.temporary());
  const attributes = { axis: { int: 1 } };
  emitter.nodes("Split", [rows, emitter.ints(widths)], blocks, { attributes });
  const sums = blocks.map((block, i) =>
    emitScatter(emitter, [zeroRows(emitter, size, widths[i]!), positions, block]),
  );
  emitter.node("Concat", sums, output, { attributes });
}

function emitScatter(emitter: Emitter, inputs: readonly string[], output?: string): string {
  return emitter.node("ScatterND", inputs, output, { attributes: { reduction: { text: "add" } } });
}

function zeroRows(emitter: Emitter, size: number, width: number): string {
  return emitter.node("Expand", [emitter.scalar(0), emitter.ints([size, width])]);
}

function column(emitter: Emitter, ids: string): string {
  return emitter.node("Reshape", [ids, emitter.ints([-1, 1])]);
}

// WebGPU reshapes no int64 (ENGINE 5): the ids get their shape first
function positionsOf(emitter: Emitter, ids: string, { dtype }: Tensor): string {
  return int64(emitter, column(emitter, ids), dtype);
}

// ScatterND takes int64 only, and WebGPU makes int64 only from float32 (ENGINE 5)
function int64(emitter: Emitter, name: string, dtype: Dtype): string {
  if (dtype === "int64") return name;
  const asFloat = emitter.node("Cast", [name], undefined, { attributes: { to: { int: 1 } } });
  return emitter.node("Cast", [asFloat], undefined, { attributes: { to: { int: 7 } } });
}

/**
 * x with rows replaced. Given x itself to write into, the CPU's kernel copies nothing, which is what
 * makes a cache of fixed size cheap.
 */
export const replaceRowsOp: Op<NoAttributes> = {
  name: "replaceRows",
  infer: ([x, places, rows]) => {
    requireDtype("replaceRows", places!, "int64");
    const wanted = [
      ...places!.shape.slice(0, -1),
      ...x!.shape.slice(places!.shape.at(-1) as number),
    ];
    if (shapeText(rows!.shape) !== shapeText(wanted)) {
      throw new ShapeError({
        where: "replaceRows",
        expected: `rows ${shapeText(wanted)}`,
        got: shapeText(rows!.shape),
      });
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: (emitter, { inputs, outputs }) => {
    emitter.node("ScatterND", inputs, outputs[0]!);
  },
  gradient: null,
};

/**
 * y = x with y[places[…]] = rows: places int64 [..., n] are indices into the first n axes of x, and
 * no two are the same.
 */
export function replaceRows(x: Tensor, places: Tensor, rows: Tensor): Tensor {
  return apply(replaceRowsOp, [x, places, rows], {});
}

export const gatherElementsOp: Op<NoAttributes> = {
  name: "gatherElements",
  infer: ([x, ids]) => {
    requireRank("gatherElements", x!, ids!.shape.length);
    requireDtype("gatherElements", ids!, "int32", "int64");
    return [{ dtype: x!.dtype, shape: ids!.shape }];
  },
  emit: (emitter, { inputs, outputs }) => {
    emitter.node("GatherElements", inputs, outputs[0]!, { attributes: { axis: { int: -1 } } });
  },
  gradient: ({ g, inputs: [x, ids] }) => [scatterAddElements(zeros(x!.shape), ids!, g), undefined],
};

/** y[…, j] = x[…, ids[…, j]] along the last axis; the other axes of x and ids agree. */
export function gatherElements(x: Tensor, ids: Tensor): Tensor {
  return apply(gatherElementsOp, [x, ids], {});
}

/** x with updates added at ids along the last axis. */
export const scatterAddElementsOp: Op<NoAttributes> = {
  name: "scatterAddElements",
  infer: ([x, ids, updates]) => {
    if (shapeText(ids!.shape) !== shapeText(updates!.shape)) {
      throw new ShapeError({
        where: "scatterAddElements",
        expected: `updates ${shapeText(ids!.shape)}`,
        got: shapeText(updates!.shape),
      });
    }
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  emit: (emitter, { inputs, outputs }) => {
    const attributes = { axis: { int: -1 }, reduction: { text: "add" } };
    emitter.node("ScatterElements", inputs, outputs[0]!, { attributes });
  },
  gradient: ({ g, inputs: [, ids] }) => [g, undefined, gatherElements(g, ids!)],
};

export function scatterAddElements(x: Tensor, ids: Tensor, updates: Tensor): Tensor {
  return apply(scatterAddElementsOp, [x, ids, updates], {});
}
