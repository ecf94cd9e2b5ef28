/** The table of ops and devices in docs/ops.md, made from the cases that the suites run. */
import type { Emitter, NodeOptions, Target } from "../../src/graph/emitter.ts";
import { type Node, reachableNodes } from "../../src/graph/node.ts";
import type { Op } from "../../src/graph/op.ts";
import { cases, withoutGradient } from "./cases.ts";
import { trace } from "./gradient-check.ts";
import type { OpCase } from "./op-case.ts";

const head = `# Ops and devices

Made by \`npx tsx scripts/op-table.ts\` from the cases in \`test/ops/cases\`; do not edit.

Every op runs on the CPU and, where the table says nothing else, wholly on WebGPU, forwards and
backwards: \`test/device\` compares the two on a software GPU. Values agree to 1e-4, relative above 1.
Gradients are checked against central differences on the CPU.

The ONNX columns name the operators of one op. Portable models hold operators of the ONNX standard
(opset 21) only; a device's own form is named where it differs, \`ms.\` being ONNX Runtime's domain
\`com.microsoft\`.

| op | ONNX | CPU | WebGPU | gradient |
|---|---|---|---|---|
`;

/** The whole document. */
export function opTable(): string {
  const ops = [...new Set(cases.map(({ op }) => op))];
  return `${head}${ops.map(row).join("\n")}\n${notes()}`;
}

function row(op: Op<never>): string {
  const own = cases.filter((test) => test.op === op);
  const portable = operators(own, "portable");
  const form = (target: Target) => {
    const found = operators(own, target);
    return found === portable ? "same" : found;
  };
  const limits = own.flatMap((test, i) => (limitOf(test) ? noteMark(own[i]!) : []));
  const webgpu = [form("webgpu"), ...new Set(limits)].join(" ");
  const gradient = op.gradient ? "yes" : `none: ${withoutGradient.get(op)}`;
  return `| ${op.name} | ${portable} | ${form("cpu")} | ${webgpu} | ${gradient} |`;
}

const limitOf = ({ webgpuFallback, webgpuMissing }: OpCase) => webgpuFallback ?? webgpuMissing;
const limited = cases.filter(limitOf);

function noteMark(test: OpCase): string {
  return `[${limited.indexOf(test) + 1}]`;
}

function notes(): string {
  const lines = limited.map((test, i) => {
    const text = test.webgpuMissing ? "not on WebGPU" : "partly on the CPU";
    return `${i + 1}. ${test.name}: ${text}; ${limitOf(test)}.`;
  });
  const coarse = cases
    .filter(({ webgpuTolerance }) => webgpuTolerance)
    .map(({ name, webgpuTolerance }) => `${name} (${webgpuTolerance!.toExponential()})`);
  return `
## Limits on WebGPU

${lines.join("\n")}

Looser than 1e-4, for the software GPU's sake or because the CPU's kernel rounds more: ${coarse.join(", ")}.
`;
}

/** The operators that any case of the op writes, in the order of their first appearance. */
function operators(tests: readonly OpCase[], target: Target): string {
  const found = new Set<string>();
  for (const test of tests) {
    for (const node of reachableNodes(trace(test).results)) {
      if (node.op === test.op) for (const type of emitted(node, target)) found.add(type);
    }
  }
  return found.size === 0 ? "–" : [...found].join(", ");
}

/** Lets the op of a node write itself, and notes what it asks for. */
function emitted(node: Node, target: Target): string[] {
  const op = node.op as Op;
  if (node.inputs.length === 0 || op.alias) return [];
  const types: string[] = [];
  const nodes = (type: string, _: unknown, outputs: readonly string[], options?: NodeOptions) => {
    types.push(options?.domain ? `ms.${type}` : type);
    return outputs[0]!;
  };
  const emitter: Emitter = {
    target,
    unpacked: false,
    nodes,
    node: (type, inputs, output = "", options) => nodes(type, inputs, [output], options),
    temporary: () => "",
    constant: () => "",
    scalar: () => "",
    ints: () => "",
  };
  const inputs = node.inputs.map(() => "x");
  const outputs = node.outputs.map(() => "y");
  op.emit(emitter, { inputs, outputs, attributes: node.attributes, node });
  return types;
}
