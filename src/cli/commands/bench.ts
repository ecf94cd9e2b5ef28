import type { BenchReport } from "../../bench/run.ts";
import { nearNames } from "../../checkpoints/near-names.ts";
import { type Command, defineCommand, type Option } from "../command.ts";
import * as shared from "../options.ts";
import { flag, integer, text } from "../schemas.ts";
import { table } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { withDevice } from "../with-model.ts";

const repeat: Option<number> = {
  flags: "--repeat <number>",
  summary: "how many runs are timed, in turns with the matrix products (default 5)",
  schema: integer({ from: 1, to: 1000 }).default(5),
};

const profile: Option<boolean> = {
  flags: "--profile",
  summary: "also print the time of each kind of operator",
  schema: flag(),
};

/** How fast this machine is at what Ordo does, beside its own matrix rate. */
export const bench: Command = defineCommand({
  name: "bench",
  summary: "Measures a training step or a picture, beside the machine's matrix rate.",
  examples: [
    "ordo bench train-step",
    "ordo bench var-sample --json",
    "ordo bench conv-step --profile",
  ],
  arguments: {
    target: {
      summary: "what to measure; left out, the targets are listed",
      schema: text("a target").optional(),
    },
  },
  options: { device: shared.device, repeat, profile },
  async run({ terminal, signal }, values) {
    const { targets } = await import("../../bench/targets.ts");
    if (values.target === undefined) return listed(targets);
    const open = targets[values.target];
    if (!open) throw unknownTarget(values.target, Object.keys(targets));
    const { runBench } = await import("../../bench/run.ts");
    const target = await open();
    const bar = terminal.progress({ label: target.name, total: values.repeat, unit: "runs" });
    const report = await withDevice(values.device, (device) =>
      runBench(device, target, {
        repeat: values.repeat,
        onRound: (round) => bar.update(round),
        signal,
      }),
    ).finally(() => bar.stop());
    return {
      data: report,
      text: inWords(report, values.profile),
      exitCode: report.bars.every((one) => one.reached) ? 0 : 1,
    };
  },
});

type Targets = typeof import("../../bench/targets.ts").targets;

async function listed(targets: Targets) {
  const all = await Promise.all(Object.values(targets).map((open) => open()));
  const rows = all.map(({ name, summary }) => [name, summary]);
  return {
    data: { targets: all.map(({ name, summary }) => ({ name, summary })) },
    text: table([], rows),
  };
}

function unknownTarget(name: string, known: readonly string[]): UsageError {
  const near = nearNames(name, known)[0];
  const problem = `no target is called ${JSON.stringify(name)}; there are: ${known.join(", ")}`;
  return new UsageError([problem], near ? `ordo bench ${near}` : "ordo bench");
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

function inWords(report: BenchReport, withProfile: boolean): string {
  const { run, gflops, matrix, ratio, productRatio, profile } = report;
  const rows = [
    [
      "time",
      `${run.best.toFixed(1)} ms best, ${run.median.toFixed(1)} ms median of ${run.times.length}`,
    ],
    ["work", `${(report.flop / 1e9).toFixed(2)} GFLOP in products and convolutions`],
    ["rate", `${gflops.toFixed(1)} GFLOP/s, ${percent(ratio)} of the matrix rate`],
    ["products alone", `${percent(productRatio)} of the matrix rate, by the profiler`],
    [
      "matrix rate",
      `${matrix.gflops.toFixed(1)} GFLOP/s, the best of ${matrix.shapes.length} shapes in this run`,
    ],
    ["memory read", `${matrix.readGBs.toFixed(1)} GB/s`],
    ["peak memory", megabytes(report.peakBytes)],
    ...Object.entries(report.facts).map(([name, value]) => [name, value.toLocaleString("en")]),
    ...report.bars.map(({ name, wanted, got, reached }) => {
      const show = name === "peakBytes" ? megabytes : percent;
      const order = name === "peakBytes" ? "at most" : "at least";
      return [
        `bar: ${name}`,
        `${show(got)}, wanted ${order} ${show(wanted)}: ${reached ? "reached" : "missed"}`,
      ];
    }),
  ];
  const kinds = profile.kinds.map(({ kind, nodes, ms }) => [kind, nodes, Number(ms.toFixed(2))]);
  const head = `${report.target} on ${report.device}\n${table([], rows)}`;
  return withProfile ? `${head}\n\n${table(["operator", "nodes", "ms"], kinds)}` : head;
}
