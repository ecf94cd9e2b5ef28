import * as ops from "../../../src/graph/ops/indexing.ts";
import { fixed, type OpCase, record } from "../op-case.ts";
import { at, tabulate, total } from "../plain.ts";

type Ids = "int32" | "int64";

// a row read twice has to collect both gradients
const rows = [0, 4, 4, 2, 6, 4];
const rowIds = (dtype: Ids) => fixed(dtype, [2, 3], rows);
const columns = [0, 3, 3, 1, 2, 0];
const columnIds = fixed("int32", [3, 2], columns);

const lookupCase = (dtype: Ids): OpCase => ({
  op: record(ops.lookupOp),
  name: `lookup: ${dtype} ids`,
  shapes: [[7, 3]],
  fixed: [rowIds(dtype)],
  build: (table, ids) => ops.lookup(table!, ids!),
  reference: (table, ids) => tabulate([2, 3, 3], (i, j, c) => at(table!, at(ids!, i!, j!), c!)),
  ...(dtype === "int64" && {
    webgpuFallback: "the gradient reshapes int64 ids; use int32 on WebGPU",
  }),
});

export const indexingCases: readonly OpCase[] = [
  lookupCase("int32"),
  lookupCase("int64"),
  {
    op: record(ops.scatterAddRowsOp),
    name: "scatterAddRows",
    shapes: [[2, 3, 4]],
    fixed: [rowIds("int32")],
    build: (updates, ids) => ops.scatterAddRows(ids!, updates!, [7, 4]),
    reference: (updates) =>
      tabulate([7, 4], (r, c) =>
        total(6, (n) => (rows[n] === r ? at({ dims: [6, 4], data: updates!.data }, n, c!) : 0)),
      ),
  },
  {
    op: record(ops.replaceRowsOp),
    name: "replaceRows",
    shapes: [
      [2, 3, 2],
      [2, 2],
    ],
    fixed: [fixed("int64", [2, 2], [0, 2, 1, 0])],
    build: (x, rows, places) => ops.replaceRows(x!, places!, rows!),
    reference: (x, rows) =>
      tabulate([2, 3, 2], (i, j, c) => {
        const row = [`0 2`, `1 0`].indexOf(`${i} ${j}`);
        return row < 0 ? at(x!, i!, j!, c!) : at(rows!, row, c!);
      }),
  },
  {
    op: record(ops.gatherElementsOp),
    name: "gatherElements",
    shapes: [[3, 4]],
    fixed: [columnIds],
    build: (x, ids) => ops.gatherElements(x!, ids!),
    reference: (x, ids) => tabulate([3, 2], (i, j) => at(x!, i!, at(ids!, i!, j!))),
  },
  {
    op: record(ops.scatterAddElementsOp),
    name: "scatterAddElements",
    shapes: [
      [3, 4],
      [3, 2],
    ],
    fixed: [columnIds],
    build: (x, updates, ids) => ops.scatterAddElements(x!, ids!, updates!),
    reference: (x, updates) =>
      tabulate([3, 4], (i, j) => {
        const hits = total(2, (n) => (columns[i! * 2 + n] === j ? at(updates!, i!, n) : 0));
        return at(x!, i!, j!) + hits;
      }),
  },
];
