import { join } from "node:path";
import type { ClaimRecord } from "../../catalogue/claim-record.ts";
import { reproductions } from "../../reproductions/index.ts";
import { effectText, short } from "../../reproductions/markdown.ts";
import { type Command, defineCommand } from "../command.ts";
import * as shared from "../options.ts";
import { flag, integer, text } from "../schemas.ts";
import { table } from "../table.ts";
import { UsageError } from "../usage-error.ts";
import { withDevice } from "../with-device.ts";

/** A paper's claim, measured. */
export const reproduce: Command = defineCommand({
  name: "reproduce",
  summary: "Measures a paper's claim at small scale: baseline, system, effect, verdict.",
  examples: [
    "ordo reproduce var --quick",
    "ordo reproduce var -o runs/reproduce-var",
    "ordo reproduce var --seeds 5 --json",
  ],
  arguments: {
    system: {
      summary: "a system of the catalogue that has a reproduction",
      schema: text("a system"),
      suggest: () => Object.keys(reproductions),
    },
  },
  options: {
    quick: {
      flags: "--quick",
      summary: "minutes instead of hours: proves that it runs, not the claim",
      schema: flag(),
    },
    seeds: {
      flags: "--seeds <number>",
      summary: "how often everything is trained anew (default: 3, quick: 2)",
      schema: integer({ from: 1, to: 100 }).optional(),
    },
    out: {
      flags: "-o, --out <folder>",
      summary: "the record, a plot, and what is needed to go on after an interruption",
      schema: text("a folder").optional(),
    },
    device: shared.device,
  },
  async run({ terminal, signal }, { system, quick, seeds: asked, out, device: name }) {
    const open = Object.hasOwn(reproductions, system) ? reproductions[system] : undefined;
    if (!open) throw unknown(system);
    const reproduction = await open();
    const folder = out ?? join("runs", `reproduce-${system}${quick ? "-quick" : ""}`);
    const seeds = Array.from({ length: asked ?? (quick ? 2 : 3) }, (_, i) => i + 1);
    const { claimPlot, reproduce: run } = await import("../../reproductions/index.ts");
    const { writePlot } = await import("../../plots/plot.ts");
    const { writeResult } = await import("../../catalogue/results.ts");
    const steps = 1000;
    const bar = terminal.progress({ label: `reproducing ${system}`, total: seeds.length * steps });
    const record = await withDevice(name, terminal, (device) =>
      run(reproduction, {
        device,
        seeds,
        quick,
        folder,
        signal,
        onProgress: (done, doing) => bar.update(Math.floor(done * steps), doing),
      }),
    ).finally(() => bar.stop());
    const file = await writeResult(folder, record);
    await writePlot(claimPlot(record), join(folder, system));
    return { data: { ...record, quick, file }, text: inWords(record, file) };
  },
});

function unknown(system: string): UsageError {
  const known = Object.keys(reproductions).join(", ");
  return new UsageError(
    [`${system}: expected a system with a reproduction: ${known}`],
    "ordo reproduce --help",
  );
}

function inWords(record: ClaimRecord, file: string): string {
  const { claim, baseline, system, measures, verdict, seeds, minutes } = record;
  const rows = measures.map((measure) => [
    measure.unit ? `${measure.name}, ${measure.unit}` : measure.name,
    measure.baseline.map(short).join(" "),
    measure.measured.map(short).join(" "),
    effectText(measure.effect),
    measure.verdict,
  ]);
  return [
    claim,
    "",
    table(["measure", baseline, system, "effect", "verdict"], rows),
    "",
    `${verdict}, ${seeds.length} seeds, ${minutes} minutes: ${file}`,
  ].join("\n");
}
