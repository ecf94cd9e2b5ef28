/**
 * The engine's profiler writes a Chrome trace: one event for every run of a graph, and one for every
 * node that it executes. Here they become times by phase, layer and kind.
 */
import { layersOf } from "./trace-layers.ts";

/** An event of the trace, as far as it is read. Times are in microseconds. */
export interface TraceEvent {
  readonly cat?: string;
  readonly name: string;
  readonly ts?: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** One graph's trace. */
export interface Trace {
  readonly name: string;
  readonly events: readonly TraceEvent[];
}

/** Nodes of one kind in one part of a layer. */
export interface PhaseEntry {
  /** `blocks.3`, `decoder.up.2`; `other` where the graph does not tell. */
  readonly layer: string;
  /** `attention`, `mlp`. */
  readonly part: string;
  /** ONNX operator. */
  readonly kind: string;
  readonly nodes: number;
  readonly ms: number;
}

/** One execution of a graph in a run: a step of a sampler, a training step's gradients. */
export interface Phase {
  readonly name: string;
  /** From the engine's entry to its exit, in milliseconds. */
  readonly wallMs: number;
  /** In the order in which they first ran. */
  readonly entries: readonly PhaseEntry[];
}

const KERNEL = "_kernel_time";

/** Nodes that run other graphs, whose nodes have events of their own. */
const containers: ReadonlySet<string> = new Set(["If", "Loop", "Scan"]);

interface Kernel {
  readonly name: string;
  readonly kind: string;
  readonly ms: number;
}

/** A graph's execution: its time, and that of its nodes. */
interface Execution {
  readonly wallMs: number;
  readonly kernels: readonly Kernel[];
}

/**
 * The phases of one run. Of several runs each node's best counts, so that a disturbance of one run
 * does not show.
 *
 * @param runs how many equal runs the trace holds; a run may execute its graph several times.
 */
export function phasesOf({ name, events }: Trace, runs: number): Phase[] {
  const executions = executionsOf(events);
  const perRun = Math.ceil(executions.length / runs);
  return Array.from({ length: perRun }, (_, k) => {
    const same = executions.filter((_, i) => i % perRun === k);
    return {
      name: perRun === 1 ? name : `${name} ${k + 1}`,
      wallMs: Math.min(...same.map(({ wallMs }) => wallMs)),
      entries: entriesOf(same),
    };
  });
}

/** The engine writes an execution's event after those of its nodes. */
function executionsOf(events: readonly TraceEvent[]): Execution[] {
  const executions: Execution[] = [];
  let kernels: Kernel[] = [];
  for (const { cat, name, dur, args } of events) {
    if (cat === "Node" && name.endsWith(KERNEL)) {
      const kind = args?.op_name ?? "?";
      if (containers.has(kind)) continue;
      kernels.push({ name: name.slice(0, -KERNEL.length), kind, ms: dur / 1000 });
    } else if (cat === "Session" && name === "model_run") {
      executions.push({ wallMs: dur / 1000, kernels });
      kernels = [];
    }
  }
  return executions;
}

function entriesOf(executions: readonly Execution[]): PhaseEntry[] {
  const best = new Map<string, Kernel>();
  for (const { kernels } of executions) {
    for (const [name, kernel] of summed(kernels)) {
      if (kernel.ms < (best.get(name)?.ms ?? Infinity)) best.set(name, kernel);
    }
  }
  const layers = layersOf([...best.values()]);
  const entries = new Map<string, PhaseEntry>();
  for (const [i, { kind, ms }] of [...best.values()].entries()) {
    const { layer, part } = layers[i]!;
    const key = `${layer} ${part} ${kind}`;
    const before = entries.get(key) ?? { layer, part, kind, nodes: 0, ms: 0 };
    entries.set(key, { ...before, nodes: before.nodes + 1, ms: before.ms + ms });
  }
  return [...entries.values()];
}

/** A node that runs twice in one execution counts with both. */
function summed(kernels: readonly Kernel[]): Map<string, Kernel> {
  const nodes = new Map<string, Kernel>();
  for (const kernel of kernels) {
    const before = nodes.get(kernel.name);
    nodes.set(kernel.name, before ? { ...kernel, ms: before.ms + kernel.ms } : kernel);
  }
  return nodes;
}
