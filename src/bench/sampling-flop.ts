/** Operations of drawing a picture, counted on the very graphs that draw it. */
import { invariantTensors } from "../graph/invariant.ts";
import { type Node, reachableNodes, type Tensor } from "../graph/node.ts";
import { inputOp } from "../graph/ops/source.ts";
import { baseOf } from "../systems/bases.ts";
import type { Composition } from "../systems/system.ts";
import { forwardFlop } from "./flops.ts";

export interface SamplingFlop {
  /** Of each pass of the transformer, and of drawing its tokens. */
  readonly steps: readonly number[];
  /** Of the pixel decoder. */
  readonly decoder: number;
}

/** Products and convolutions of one picture, with guidance if the composition has it. */
export function samplingFlop(composition: Composition): SamplingFlop {
  const base = baseOf(composition);
  const fixed = new Set(Object.keys(composition.conditioning.feeds([null]).feeds));
  const steps = composition.order.steps.map((_, k) => {
    const { outputs } = base.tracePass(composition, k);
    // what depends on the request alone is computed once, before the first step
    const there = k === 0 ? [] : invariantTensors(outputs, fixed);
    const draw = base.traceDraw?.(composition, k);
    const drawing = draw ? draw.times * forwardFlop(draw.outputs, knownTensors(draw.outputs)) : 0;
    return forwardFlop(outputs, new Set(there)) + drawing;
  });
  return { steps, decoder: forwardFlop([base.tracePixels(composition)]) };
}

/** What depends on no input, and is computed when the graph is made. */
function knownTensors(outputs: readonly Tensor[]): Set<Tensor> {
  const known = new Set<Node>();
  for (const node of reachableNodes(outputs)) {
    const given = (node.op as unknown) === inputOp;
    if (!given && node.inputs.every((tensor) => known.has(tensor.node))) known.add(node);
  }
  return new Set([...known].flatMap((node) => node.outputs));
}
