/**
 * What the engine's profiler saw, by kind of node. The profiler writes a Chrome trace with one event
 * per executed node. A node may execute several times in one run, as each step of a sampler does;
 * its best run counts, so that a disturbance of one run does not show.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An event of the trace, as far as it is read. */
interface TraceEvent {
  readonly cat?: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

export interface KindTotal {
  /** ONNX operator. */
  readonly kind: string;
  readonly nodes: number;
  /** Milliseconds of one run. */
  readonly ms: number;
}

export interface Profile {
  /** The slowest kind first. */
  readonly kinds: readonly KindTotal[];
  /** Milliseconds of one run in all nodes together. */
  readonly totalMs: number;
  /** The share of `totalMs` in products and convolutions. */
  readonly productMs: number;
}

/** The kinds that multiply matrices, under every name that the engine's optimiser gives them. */
const productKinds: ReadonlySet<string> = new Set([
  "Conv",
  "FusedConv",
  "NhwcFusedConv",
  "ConvTranspose",
  "Gemm",
  "FusedGemm",
  "MatMul",
  "FusedMatMul",
]);

const KERNEL = "_kernel_time";

/**
 * Sums the events of traces whose node names do not clash within one trace.
 *
 * @param runs how many equal runs each trace holds.
 */
export function summarizeProfile(
  traces: readonly (readonly TraceEvent[])[],
  runs: number,
): Profile {
  const kinds = new Map<string, { nodes: number; ms: number }>();
  for (const trace of traces) {
    for (const { kind, ms } of bestPerNode(trace, runs)) {
      const total = kinds.get(kind) ?? { nodes: 0, ms: 0 };
      kinds.set(kind, { nodes: total.nodes + 1, ms: total.ms + ms });
    }
  }
  const sorted = [...kinds]
    .map(([kind, total]) => ({ kind, ...total }))
    .sort((a, b) => b.ms - a.ms);
  const sum = (rows: readonly KindTotal[]) => rows.reduce((total, { ms }) => total + ms, 0);
  return {
    kinds: sorted,
    totalMs: sum(sorted),
    productMs: sum(sorted.filter(({ kind }) => productKinds.has(kind))),
  };
}

/** The time of every node in its best run. */
function bestPerNode(trace: readonly TraceEvent[], runs: number): { kind: string; ms: number }[] {
  const nodes = new Map<string, { kind: string; times: number[] }>();
  for (const { cat, name, dur, args } of trace) {
    if (cat !== "Node" || !name.endsWith(KERNEL)) continue;
    const node = nodes.get(name) ?? { kind: args?.op_name ?? "?", times: [] };
    node.times.push(dur / 1000);
    nodes.set(name, node);
  }
  return [...nodes.values()].map(({ kind, times }) => {
    const perRun = Math.ceil(times.length / runs);
    const totals = Array.from({ length: Math.ceil(times.length / perRun) }, (_, run) =>
      times.slice(run * perRun, (run + 1) * perRun).reduce((sum, ms) => sum + ms, 0),
    );
    return { kind, ms: Math.min(...totals) };
  });
}

/**
 * Runs `body` with a path prefix for profiles, and sums up the profiles that it left there. The
 * files are removed.
 */
export async function profiled<T>(
  runs: number,
  body: (prefix: string) => Promise<T>,
): Promise<{ readonly result: T; readonly profile: Profile }> {
  const folder = await mkdtemp(join(tmpdir(), "ordo-profile-"));
  try {
    const result = await body(join(folder, "run"));
    const names = (await readdir(folder)).sort();
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
    const traces = texts.map((text) => JSON.parse(text) as TraceEvent[]);
    return { result, profile: summarizeProfile(traces, runs) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
