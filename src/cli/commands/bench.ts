import { join } from "node:path";
import type { DecodingReport } from "../../bench/decoding-run.ts";
import type { DecodingTarget } from "../../bench/decoding-target.ts";
import { kindsOf, type Profile } from "../../bench/profile.ts";
import type { BenchReport } from "../../bench/run.ts";
import type { SamplingReport } from "../../bench/sampling-report.ts";
import type { SamplingTarget } from "../../bench/sampling-target.ts";
import type { BenchTarget } from "../../bench/workload.ts";
import { cacheFolder } from "../../cache-folder.ts";
import { nearNames } from "../../checkpoints/near-names.ts";
import type { Device } from "../../runtime/device.ts";
import type { WeightFormat } from "../../systems/weight-format.ts";
import { decodingWords, profileWords, samplingWords, workloadWords } from "../bench-words.ts";
import { type Command, type CommandContext, defineCommand, type Option } from "../command.ts";
import * as shared from "../options.ts";
import { flag, integer, text } from "../schemas.ts";
import { table } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { type Placements, withDevice } from "../with-device.ts";

const repeat: Option<number> = {
  flags: "--repeat <number>",
  summary: "how many runs are timed, in turns with the matrix products",
  schema: integer({ from: 1, to: 1000 }).default(5),
};

const batch: Option<number> = {
  flags: "--batch <number>",
  summary: "pictures of one run, for targets that draw published models",
  schema: integer({ from: 1, to: 1000 }).default(1),
};

const profile: Option<boolean> = {
  flags: "--profile",
  summary: "also print where the time goes, by phase and by kind of operator",
  schema: flag(),
};

const profileSvg: Option<string | undefined> = {
  flags: "--profile-svg <file>",
  summary: "draw where the time goes: phases, layers, kinds of operators",
  schema: text("a file to write").optional(),
};

const peer: Option<boolean> = {
  flags: "--no-peer",
  summary: "leave out the same work in PyTorch, where that is installed",
  schema: flag(true),
};

/** How fast this machine is at what Ordo does, beside its own matrix rate. */
export const bench: Command = defineCommand({
  name: "bench",
  summary: "Measures a training step or a picture, beside the machine's matrix rate.",
  examples: [
    "ordo bench train-step",
    "ordo bench var-sample --json",
    "ordo bench conv-step --profile --profile-svg conv-step.svg",
    "ordo bench var-d16 --repeat 3",
  ],
  arguments: {
    target: {
      summary: "what to measure; left out, the targets are listed",
      schema: text("a target").optional(),
    },
  },
  options: {
    device: shared.device,
    precision: shared.precision,
    repeat,
    batch,
    weights: shared.weights,
    profile,
    profileSvg,
    peer,
  },
  async run(context, values) {
    const { terminal } = context;
    const { targets } = await import("../../bench/targets.ts");
    const { heavyFallbacks } = await import("../../runtime/placement-log.ts");
    if (values.target === undefined) return listed(targets);
    const open = targets[values.target];
    if (!open) throw unknownTarget(values.target, Object.keys(targets));
    const target = await open();
    const bar = terminal.progress({ label: target.name, total: values.repeat, unit: "runs" });
    const onRound = (round: number) => bar.update(round);
    const settings = { ...values, profile: values.profile || values.profileSvg !== undefined };
    const measure = async (device: Device, placements: Placements) => ({
      ...(await measured(context, device, target, { ...settings, onRound })),
      fellBack: heavyFallbacks(device.name, await placements()),
    });
    const { report, text, fellBack } = await withDevice(values.device, terminal, measure, {
      // on the CPU there is nothing to fall back to
      watch: values.device !== "cpu" || terminal.verbose,
      precision: values.precision,
    }).finally(() => bar.stop());
    for (const { function: name, type, nodes } of fellBack) {
      terminal.warn(`${name}: ${nodes} ${type} ran on the CPU instead of ${report.device}`);
    }
    const profile = "profile" in report ? report.profile : undefined;
    if (profile && values.profileSvg) {
      await drawProfile(report.target, profile, values.profileSvg);
      terminal.note(`wrote ${values.profileSvg}`);
    }
    return {
      data: { ...report, fellBack, ...(profile && { profile: withoutEntries(profile) }) },
      text: values.profile && profile ? `${text}\n\n${profileWords(profile)}` : text,
      exitCode: fellBack.length === 0 && report.bars.every((one) => one.reached) ? 0 : 1,
    };
  },
});

async function drawProfile(name: string, profile: Profile, file: string): Promise<void> {
  const { flameOf } = await import("../../bench/flame.ts");
  const { flameSvg } = await import("../../bench/flame-svg.ts");
  const { writeWhole } = await import("../../checkpoints/whole-file.ts");
  await writeWhole(file, flameSvg(flameOf(name, profile)));
}

/** Thousands of rows by layer are for the picture; phases keep their totals by kind. */
function withoutEntries({ phases, ...totals }: Profile) {
  const short = phases.map(({ name, wallMs, entries }) => ({
    name,
    wallMs,
    kinds: kindsOf(entries),
  }));
  return { ...totals, phases: short };
}

interface Settings {
  readonly repeat: number;
  readonly batch: number;
  readonly weights: WeightFormat;
  readonly profile: boolean;
  readonly peer: boolean;
  readonly onRound: (round: number) => void;
}

async function measured(
  { env, signal }: CommandContext,
  device: Device,
  target: BenchTarget | SamplingTarget | DecodingTarget,
  { peer, ...settings }: Settings,
): Promise<{ report: BenchReport | SamplingReport | DecodingReport; text: string }> {
  const common = { ...settings, signal, ...(!peer && { openPeer: async () => null }) };
  if ("open" in target) {
    requireDefaults(target, settings);
    const { runBench } = await import("../../bench/run.ts");
    const report = await runBench(device, target, common);
    return { report, text: workloadWords(report) };
  }
  const models = join(cacheFolder(env), "bench");
  if (target.kind === "decoding") {
    requireDefaults(target, settings);
    const { runDecodingBench } = await import("../../bench/decoding-run.ts");
    const report = await runDecodingBench(device, target, { ...common, models });
    return { report, text: decodingWords(report) };
  }
  const { runSamplingBench } = await import("../../bench/sampling-run.ts");
  const report = await runSamplingBench(device, target, { ...common, models });
  return { report, text: samplingWords(report) };
}

/** @throws UsageError for flags that mean nothing to a target that settles them itself. */
function requireDefaults(
  target: BenchTarget | DecodingTarget,
  { batch, weights, profile }: Omit<Settings, "peer">,
): void {
  const { name } = target;
  const decoding = "kind" in target;
  const formats = decoding ? "measures all formats" : "computes in fp32";
  const problems = [
    ...(batch === 1 ? [] : [`--batch: ${name} has its own`]),
    ...(weights === "fp32" ? [] : [`--weights: ${name} ${formats}`]),
    ...(decoding && profile ? [`--profile: ${name} has none`] : []),
  ];
  if (problems.length > 0) throw new UsageError(problems, `ordo bench ${name}`);
}

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
