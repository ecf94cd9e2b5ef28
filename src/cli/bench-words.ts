/** Reports of benchmarks as text. */
import type { BarResult } from "../bench/bars.ts";
import type { DecodingReport } from "../bench/decoding-run.ts";
import { kindsOf, type Profile } from "../bench/profile.ts";
import type { BenchReport } from "../bench/run.ts";
import type { PartReport, SamplingReport } from "../bench/sampling-report.ts";
import type { PhaseEntry } from "../bench/trace.ts";
import { table } from "./table.ts";

type Row = [name: string, value: string];

export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const billions = (flop: number): string => (flop / 1e9).toFixed(flop < 1e11 ? 2 : 0);
const rate = ({ gflops, ratio }: { gflops: number; ratio: number }): string =>
  `${gflops.toFixed(1)} GFLOP/s, ${percent(ratio)} of the matrix rate`;

export function workloadWords(report: BenchReport): string {
  const { run, flop, productRatio } = report;
  const rows: Row[] = [
    ["time", timeWords(run)],
    ["work", `${billions(flop)} GFLOP in products and convolutions`],
    ["rate", rate(report)],
    ["products alone", `${percent(productRatio)} of the matrix rate, by the profiler`],
    ...matrixRows(report),
    ["peak memory", megabytes(report.peakBytes)],
    ...(report.peer ? [peerRow(report.peer)] : []),
    ...factRows(report.facts),
    ...report.bars.map(barRow),
  ];
  return `${report.target} on ${report.device}\n${table([], rows)}`;
}

export function samplingWords(report: SamplingReport): string {
  const { run, batch, official, cold, transformer, decoder, weights } = report;
  const part = (one: PartReport) =>
    `${one.best.toFixed(0)} ms best, ${billions(one.flop)} GFLOP, ${rate(one)}`;
  const rows: Row[] = [
    [batch === 1 ? "picture" : `${batch} pictures`, timeWords(run)],
    ...(batch === 1 ? [] : [["per picture", `${report.pictureMs.toFixed(1)} ms`] as Row]),
    ["transformer", part(transformer)],
    ["pixel decoder", part(decoder)],
    ...(official ? [officialRow(official)] : []),
    ...matrixRows(report),
    ["peak memory", `${megabytes(report.peakBytes)} in this process`],
    ...(report.peer ? [peerRow(report.peer)] : []),
    ...(cold ? [coldRow(cold)] : []),
    ...factRows(report.facts),
    ["weights in", report.folder],
    ...report.bars.map(barRow),
  ];
  const steps = report.steps
    .map((step, k) => [
      k + 1,
      step.tokens,
      Number(step.best.toFixed(1)),
      billions(step.flop),
      percent(step.ratio),
    ])
    .filter(isShown);
  const head = `${report.target}, ${weights}, on ${report.device}\n${table([], rows)}`;
  const title = ["step", "new tokens", "ms", "GFLOP", "of the matrix rate"];
  return `${head}\n\n${table(title, steps)}`;
}

export function decodingWords(report: DecodingReport): string {
  const rows: Row[] = [
    ["memory read", `${report.readGBs.toFixed(1)} GB/s in this run`],
    ...(report.peer ? [peerRow(report.peer)] : []),
    ...factRows(report.facts),
    ["weights in", report.folder],
    ...report.bars.map(barRow),
  ];
  const formats = report.formats.map((one) => [
    one.weights,
    Number(one.tokenMs.best.toFixed(2)),
    Number(one.tokenMs.median.toFixed(2)),
    megabytes(one.readBytes),
    one.ofReading.toFixed(2),
    one.ofFp32.toFixed(2),
  ]);
  const title = ["format", "ms a token, best", "median", "reads", "of reading", "of fp32"];
  return `${report.target} on ${report.device}\n${table([], rows)}\n\n${table(title, formats)}`;
}

/** Rows of the table by step, from first to last; `--json` has all. */
const SHOWN_STEPS = 16;

function isShown(_: unknown, k: number, { length }: readonly unknown[]): boolean {
  const stride = Math.ceil(length / SHOWN_STEPS);
  return k % stride === 0 || k === length - 1;
}

/** Columns of the table by phase; the kinds that take most. */
const SHOWN = 7;

/** Phases by kinds, then the kinds alone. */
export function profileWords({ kinds, phases, totalMs }: Profile): string {
  const shown = kinds.slice(0, SHOWN).map(({ kind }) => kind);
  const ms = (value: number) => Number(value.toFixed(1));
  const cells = (name: string, wall: number, entries: readonly PhaseEntry[]) => {
    const own = kindsOf(entries);
    const all = own.reduce((sum, one) => sum + one.ms, 0);
    const parts = shown.map((kind) => own.find((one) => one.kind === kind)?.ms ?? 0);
    const rest = parts.reduce((left, part) => left - part, all);
    return [name, ms(wall), ...parts.map(ms), ms(rest), ms(wall - all)];
  };
  const rows = phases.map(({ name, wallMs, entries }) => cells(name, wallMs, entries));
  const wall = phases.reduce((sum, { wallMs }) => sum + wallMs, 0);
  const whole = cells(
    "all",
    wall,
    phases.flatMap(({ entries }) => entries),
  );
  const head = ["phase", "ms", ...shown, "others", "between"];
  const list = kinds.map(({ kind, nodes, ms: own }) => [
    kind,
    nodes,
    Number(own.toFixed(2)),
    percent(own / totalMs),
  ]);
  return [table(head, [...rows, whole]), table(["operator", "runs", "ms", "of all"], list)].join(
    "\n\n",
  );
}

function timeWords({ best, median, times }: SamplingReport["run"]): string {
  return `${best.toFixed(1)} ms best, ${median.toFixed(1)} ms median of ${times.length}`;
}

function matrixRows({ matrix }: { readonly matrix: BenchReport["matrix"] }): Row[] {
  const { gflops, shapes, readGBs } = matrix;
  const best = `${gflops.toFixed(1)} GFLOP/s, the best of ${shapes.length} shapes in this run`;
  return [
    ["matrix rate", best],
    ["memory read", `${readGBs.toFixed(1)} GB/s`],
  ];
}

function officialRow({ scaledMs, share }: NonNullable<SamplingReport["official"]>): Row {
  const scaled = `${(scaledMs / 1000).toFixed(1)} s at this machine's matrix rate`;
  return ["official code", `${scaled}; a picture takes ${share.toFixed(2)} of it`];
}

function peerRow({ name, run, speed }: NonNullable<BenchReport["peer"]>): Row {
  return [
    "the same in PyTorch",
    `${timeWords(run)}: ours at ${speed.toFixed(2)} of its speed (${name})`,
  ];
}

function coldRow({ run, ratio, peakBytes }: NonNullable<SamplingReport["cold"]>): Row {
  const memory = peakBytes === null ? "" : `, peak ${megabytes(peakBytes)}`;
  const share = `${ratio.toFixed(2)} of the steady time, median over median`;
  return ["start to PNG", `${timeWords(run)}, ${share}${memory}`];
}

function factRows(facts: BenchReport["facts"]): Row[] {
  return Object.entries(facts).map(([name, value]) => [name, value.toLocaleString("en")]);
}

function barRow({ name, wanted, got, unit, atMost, reached }: BarResult): Row {
  const show = unit === "bytes" ? megabytes : percent;
  const order = atMost ? "at most" : "at least";
  const verdict = reached ? "reached" : "missed";
  return [`bar: ${name}`, `${show(got)}, wanted ${order} ${show(wanted)}: ${verdict}`];
}
