/** The rules of ONNX that a written model has to keep; other tools rely on them. */
import { contributed, type Operator, standard } from "./operators.ts";
import type { OnnxModel, OnnxNode } from "./read-onnx.ts";

const contrib = "com.microsoft";

/** Bytes per element by `TensorProto.DataType`. */
const elementBytes: Readonly<Record<number, number>> = {
  1: 4,
  2: 1,
  3: 1,
  6: 4,
  7: 8,
  9: 1,
  10: 2,
};

/** One sentence for each violation. */
export function checkOnnx(model: OnnxModel): string[] {
  return [
    ...headerProblems(model),
    ...valueProblems(model),
    ...model.nodes.flatMap(nodeProblems),
    ...model.initializers.flatMap(({ name, dtype, dims, bytes }) => {
      const size = dims.reduce((product, dim) => product * dim, elementBytes[dtype] ?? Number.NaN);
      return size === bytes.length ? [] : [`initializer ${name} has ${bytes.length} bytes`];
    }),
  ];
}

function headerProblems({ irVersion, opsets, name, nodes }: OnnxModel): string[] {
  const used = new Set(nodes.map(({ domain }) => domain));
  const problems = [...used].flatMap((domain) =>
    opsets.has(domain) ? [] : [`domain "${domain}" is not imported`],
  );
  // opset 21 came with IR version 10
  if (irVersion < 10) problems.push(`IR version ${irVersion} is too old for opset 21`);
  if (opsets.get("") !== 21) problems.push(`opset ${opsets.get("")} of the default domain`);
  if (opsets.has(contrib) && !used.has(contrib))
    problems.push(`${contrib} is imported for nothing`);
  if (name === "") problems.push("the graph has no name");
  return problems;
}

/** Each value is made once, before it is used, and every result is made. */
function valueProblems({ inputs, initializers, nodes, outputs }: OnnxModel): string[] {
  const problems: string[] = [];
  const known = new Set<string>();
  const make = (name: string) => {
    if (name === "") problems.push("a value without a name");
    if (known.has(name)) problems.push(`${name} is made twice`);
    known.add(name);
  };
  for (const { name } of [...inputs, ...initializers]) make(name);
  const nodeNames = new Set<string>();
  for (const { name, inputs, outputs } of nodes) {
    if (nodeNames.has(name)) problems.push(`two nodes are called ${name}`);
    nodeNames.add(name);
    const early = inputs.filter((input) => input !== "" && !known.has(input));
    problems.push(...early.map((input) => `${name} reads ${input} before it is made`));
    for (const output of outputs) if (output !== "") make(output);
  }
  const missing = outputs.filter(({ name }) => !known.has(name));
  problems.push(...missing.map(({ name }) => `result ${name} is not made`));
  const results = outputs.map(({ name }) => name);
  if (new Set(results).size < results.length) problems.push("a result is listed twice");
  if (results.length === 0) problems.push("the graph has no results");
  return problems;
}

function nodeProblems(node: OnnxNode): string[] {
  const { type, name, domain, inputs, outputs, attributes } = node;
  const table = domain === "" ? standard : domain === contrib ? contributed : {};
  const operator: Operator | undefined = table[type];
  if (!operator) return [`${name}: no operator ${type} in domain "${domain}"`];
  const problems: string[] = [];
  const within = (count: number, [least, most]: readonly [number, number]) =>
    count >= least && count <= most;
  if (!within(inputs.length, operator.inputs)) problems.push(`${name}: ${inputs.length} inputs`);
  if (!within(outputs.length, operator.outputs))
    problems.push(`${name}: ${outputs.length} outputs`);
  if (inputs.slice(0, operator.inputs[0]).includes(""))
    problems.push(`${name}: an input is left out`);
  for (const [key, { type: given }] of attributes) {
    const wanted = operator.attributes?.[key];
    if (wanted !== given) problems.push(`${name}: attribute ${key} is ${given}, not ${wanted}`);
  }
  return problems;
}
