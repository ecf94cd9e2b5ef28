/** Where time goes, by kind of node and by phase of a run, from the traces of the engine's profiler. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProduct } from "../graph/support/operators.ts";
import { type Phase, type PhaseEntry, phasesOf, type Trace, type TraceEvent } from "./trace.ts";

export interface KindTotal {
  /** ONNX operator. */
  readonly kind: string;
  readonly nodes: number;
  /** Milliseconds of one run. */
  readonly ms: number;
}

export interface Profile {
  /** Over all phases, the slowest kind first; `nodes` counts executions. */
  readonly kinds: readonly KindTotal[];
  /** Milliseconds of one run in all nodes together. */
  readonly totalMs: number;
  /** The share of `totalMs` in products and convolutions. */
  readonly productMs: number;
  /** In the order of a run. */
  readonly phases: readonly Phase[];
}

/**
 * Sums the traces of graphs that one run executes.
 *
 * @param runs how many equal runs each trace holds.
 */
export function summarizeProfile(traces: readonly Trace[], runs: number): Profile {
  const phases = traces.flatMap((trace) => phasesOf(trace, runs));
  const kinds = kindsOf(phases.flatMap(({ entries }) => entries));
  return {
    kinds,
    totalMs: total(kinds),
    productMs: total(kinds.filter(({ kind }) => isProduct(kind))),
    phases,
  };
}

/** Totals of each kind, the slowest first. */
export function kindsOf(entries: readonly PhaseEntry[]): KindTotal[] {
  const kinds = new Map<string, KindTotal>();
  for (const { kind, nodes, ms } of entries) {
    const before = kinds.get(kind) ?? { kind, nodes: 0, ms: 0 };
    kinds.set(kind, { kind, nodes: before.nodes + nodes, ms: before.ms + ms });
  }
  return [...kinds.values()].sort((a, b) => b.ms - a.ms);
}

function total(rows: readonly { readonly ms: number }[]): number {
  return rows.reduce((sum, { ms }) => sum + ms, 0);
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
    return { result, profile: summarizeProfile(await readTraces(folder), runs) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Traces in the order in which their graphs ran for the first time. */
async function readTraces(folder: string): Promise<Trace[]> {
  const files = await readdir(folder);
  const traces = await Promise.all(
    files.map(async (file) => {
      const events = JSON.parse(await readFile(join(folder, file), "utf8")) as TraceEvent[];
      // run-step_2026-11-24_19-06-13_336.json; times in a file count from its graph's making
      const name = /^run-?(.*?)_\d{4}-/.exec(file)?.[1] || "run";
      const first = events.find((event) => event.name === "model_run")?.ts ?? Infinity;
      return { name, events, begin: startOf(file) + first / 1000 };
    }),
  );
  return traces.sort((a, b) => a.begin - b.begin);
}

/** The time that the profiler writes into a file's name, in milliseconds. */
function startOf(file: string): number {
  const match = /_(\d{4})-(\d\d)-(\d\d)_(\d\d)-(\d\d)-(\d\d)_(\d+)\./.exec(file);
  if (!match) return 0;
  const [, year, month, day, hour, minute, second, ms] = match.map(Number);
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!, ms!);
}
